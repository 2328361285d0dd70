#include "app/commands/weights_file.h"

#include "engine/study/study.h"

namespace plateau::commands {

std::map<std::string, std::string> provenance(const recording::Reader& reader,
                                              const recording::ExportedMember& member, std::int64_t step) {
  std::map<std::string, std::string> about{{"plateau", PLATEAU_VERSION},
                                           {"study", study::to_toml(reader.study())},
                                           {"member", member.recorded_name},
                                           {"step", std::to_string(step)}};
  for (const auto& record : reader.members())
    if (record.id == member.id) about["seed"] = std::to_string(record.seed);
  if (member.name != member.recorded_name) about["shown_as"] = member.name;
  return about;
}

} // namespace plateau::commands
