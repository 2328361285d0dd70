#include "app/commands/recorded_members.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/commands/study_arguments.h"
#include "engine/errors.h"

namespace plateau::commands {

using recording::ExportedMember;

std::vector<ExportedMember> recorded_members(const recording::Reader& reader,
                                             const std::filesystem::path& recording) {
  auto members = recording::exported_members(reader, recording::read_annotations(recording));
  if (members.empty())
    throw InputError(
        fmt::format("{}: {}", recording.string(),
                    reader.members().empty()
                        ? "has no members: its run ended before the first step"
                        : "every member was removed; bring them back in the window's members table"));
  return members;
}

const ExportedMember& chosen_member(const std::vector<ExportedMember>& members, const std::string& name) {
  if (name.empty()) return members.front();
  for (const auto known : {&ExportedMember::name, &ExportedMember::recorded_name})
    if (const auto found = std::ranges::find(members, name, known); found != members.end()) return *found;
  if (const auto id = whole_number(name))
    if (const auto found = std::ranges::find(members, *id, &ExportedMember::id); found != members.end())
      return *found;
  std::vector<std::string> names;
  for (const auto& member : members) names.push_back(member.name);
  throw no_member_called(name, names);
}

} // namespace plateau::commands
