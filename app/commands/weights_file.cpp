#include "app/commands/weights_file.h"

#include <fmt/format.h>

#include "app/commands/study_arguments.h"
#include "engine/errors.h"
#include "engine/study/study.h"

namespace plateau::commands {

recording::MemberRecord chosen_member(const recording::Reader& reader, const std::string& name) {
  const auto members = reader.members();
  if (members.empty()) throw InputError("the recording has no members: its run ended before the first step");
  if (name.empty()) return members.front();
  std::vector<std::string> names;
  for (const auto& member : members) names.push_back(member.name);
  return members[static_cast<std::size_t>(member_called(name, names))];
}

std::map<std::string, std::string> provenance(const recording::Reader& reader,
                                              const recording::MemberRecord& member, std::int64_t step) {
  return {{"plateau", PLATEAU_VERSION},
          {"study", study::to_toml(reader.study())},
          {"member", member.name},
          {"seed", std::to_string(member.seed)},
          {"step", std::to_string(step)}};
}

} // namespace plateau::commands
