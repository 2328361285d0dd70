#include <fmt/format.h>

#include "engine/study/fields.h"
#include "engine/study/study.h"
#include "engine/study/toml_string.h"

namespace plateau::study {
namespace {

std::string toml_value(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? toml_string(*text) : to_string(value);
}

std::string toml_assignments(const std::vector<Assignment>& assignments) {
  std::string body;
  for (const auto& assignment : assignments)
    body += fmt::format("{} {} = {}", body.empty() ? "" : ",", toml_string(assignment.field),
                        toml_value(assignment.value));
  return "set = {" + body + " }\n";
}

std::string settings_tables(const Settings& settings) {
  std::string document, table;
  for (const auto& field : fields()) {
    const auto dot = field.name.find('.');
    if (field.name.compare(0, dot, table) != 0) {
      table = field.name.substr(0, dot);
      document += fmt::format("\n[{}]\n", table);
    }
    document += fmt::format("{} = {}\n", field.name.substr(dot + 1), toml_value(field.get(settings)));
  }
  return document;
}

std::string member_table(const MemberSpec& member) {
  auto document = fmt::format("\n[[member]]\nname = {}\nseed = {}\n", toml_string(member.name), member.seed);
  if (!member.shown) document += "shown = false\n";
  if (!member.overrides.empty()) document += toml_assignments(member.overrides);
  return document;
}

std::string intervention_table(const Intervention& intervention) {
  auto document = fmt::format("\n[[intervention]]\nstep = {}\nkind = {}\n", intervention.step,
                              toml_string(to_string(intervention.kind)));
  if (!intervention.member.empty())
    document += fmt::format("member = {}\n", toml_string(intervention.member));
  if (!intervention.changes.empty()) document += toml_assignments(intervention.changes);
  if (intervention.keep_twin) document += "keep_twin = true\n";
  const bool goes_back =
      intervention.kind == Intervention::Kind::Branch || intervention.kind == Intervention::Kind::Rewind;
  if (goes_back) document += fmt::format("from_step = {}\n", intervention.from_step);
  if (!intervention.new_name.empty())
    document += fmt::format("name = {}\n", toml_string(intervention.new_name));
  return document;
}

} // namespace

std::string to_toml(const Study& study) {
  auto document = fmt::format("name = {}\ntitle = {}\n", toml_string(study.name), toml_string(study.title));
  if (!study.description.empty())
    document += fmt::format("description = {}\n", toml_string(study.description, true));
  document += settings_tables(study.settings);
  for (const auto& member : study.members) document += member_table(member);
  for (const auto& intervention : study.interventions) document += intervention_table(intervention);
  return document;
}

} // namespace plateau::study
