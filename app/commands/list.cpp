#include "app/commands/list.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/figures/catalogue.h"
#include "app/figures/recipe.h"
#include "engine/attention/catalogue.h"
#include "engine/errors.h"
#include "engine/probes/catalogue.h"
#include "engine/study/fields.h"
#include "engine/study/study.h"
#include "engine/tasks/task.h"

namespace plateau::commands {

namespace {

using Json = nlohmann::ordered_json;

Json studies() {
  Json list = Json::array();
  for (const auto& study : study::list_studies())
    list.push_back({{"name", study.name}, {"title", study.title}, {"path", study.path.string()}});
  return list;
}

Json own_parameters(const attention::VariantInfo& variant) {
  Json list = Json::array();
  for (const auto& own : variant.own) list.push_back({{"name", own.name}, {"description", own.description}});
  return list;
}

Json attention() {
  Json list = Json::array();
  for (const auto& variant : attention::variants())
    list.push_back({{"name", variant.name},
                    {"title", variant.title},
                    {"formula", variant.formula},
                    {"description", variant.description},
                    {"source", variant.source},
                    {"fields", variant.fields},
                    {"own_parameters", own_parameters(variant)},
                    {"needs_own_parameters", !variant.own.empty()},
                    {"row_sum", variant.row_sum},
                    {"shift_invariant", variant.shift_invariant},
                    {"non_negative", variant.non_negative},
                    {"takes_laser", variant.takes_laser}});
  return list;
}

Json tasks() {
  Json list = Json::array();
  for (const auto& task : tasks::list_tasks())
    list.push_back(
        {{"name", task.name},
         {"kind", task.kind},
         {"title", task.title},
         {"description", task.description},
         {"source", task.source},
         {"set", task.kind == task.name ? "task.kind = " + task.kind
                                        : "task.kind = " + task.kind + ", task.variant = " + task.name}});
  return list;
}

Json probes() {
  Json list = Json::array();
  for (const auto& probe : probes::probes())
    list.push_back({{"name", probe.name},
                    {"title", probe.title},
                    {"every", probe.every_field},
                    {"formula", probe.formula},
                    {"description", probe.description},
                    {"source", probe.source},
                    {"outputs", probe.outputs}});
  return list;
}

Json figures() {
  Json list = Json::array();
  for (const auto& figure : figures::figures())
    list.push_back({{"name", figure.name}, {"title", figure.title}, {"description", figure.description}});
  return list;
}

Json recipes() {
  Json list = Json::array();
  for (const auto& recipe : figures::list_recipes())
    list.push_back({{"name", recipe.name},
                    {"title", recipe.title},
                    {"description", recipe.description},
                    {"path", recipe.path.string()}});
  return list;
}

const char* type_name(study::FieldType type) {
  switch (type) {
  case study::FieldType::Boolean:
    return "boolean";
  case study::FieldType::Integer:
    return "integer";
  case study::FieldType::Real:
    return "real";
  case study::FieldType::Choice:
    return "choice";
  case study::FieldType::Text:
    return "text";
  }
  return "";
}

Json fields() {
  Json list = Json::array();
  for (const study::Field& field : study::fields()) {
    Json entry{{"name", field.name}, {"type", type_name(field.type)}};
    std::visit([&](const auto& value) { entry["default"] = value; }, field.default_value);
    if (field.type == study::FieldType::Integer || field.type == study::FieldType::Real) {
      entry["minimum"] = field.minimum;
      entry["maximum"] = field.maximum;
    }
    if (field.type == study::FieldType::Choice) entry["choices"] = field.choices;
    entry["allowed"] = study::allowed(field);
    entry["unit"] = field.unit;
    entry["live"] = field.live;
    entry["per_member"] = field.per_member;
    entry["help"] = field.help;
    entry["formula"] = field.formula;
    entry["source"] = field.source;
    list.push_back(std::move(entry));
  }
  return list;
}

/// Breaks a text at spaces, so that no line is longer than `columns`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns = 100) {
  const std::string margin(indent, ' ');
  std::string result, line = margin;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    if (line.size() > indent && line.size() + 1 + word.size() > columns) {
      result += line + "\n";
      line = margin;
    }
    if (line.size() > indent) line += ' ';
    line += word;
  }
  return line.size() > indent ? result + line + "\n" : result;
}

std::string name_lines(const Json& list) {
  std::size_t width = 0;
  for (const Json& entry : list) width = std::max(width, entry["name"].get_ref<const std::string&>().size());
  std::string text;
  for (const Json& entry : list)
    text += fmt::format("{:<{}}  {}\n", entry["name"].get<std::string>(), width,
                        entry["title"].get<std::string>());
  return text;
}

/// Name and title, then what else there is to say, indented.
std::string described_lines(const Json& list) {
  std::string text;
  for (const Json& entry : list) {
    text += fmt::format("{}  {}\n", entry["name"].get<std::string>(), entry["title"].get<std::string>());
    for (const char* key : {"formula", "description", "set", "source"})
      if (entry.contains(key)) text += wrapped(entry[key].get<std::string>(), 4);
  }
  return text;
}

std::string field_lines(const Json& list) {
  std::string text;
  for (const Json& entry : list) {
    const std::string unit = entry["unit"];
    text += fmt::format("{} = {}{}\n", entry["name"].get<std::string>(), entry["default"].dump(),
                        unit.empty() ? "" : "  [" + unit + "]");
    text += wrapped(
        fmt::format("{}; {}{}", entry["allowed"].get<std::string>(),
                    entry["live"].get<bool>() ? "may change in mid-run" : "fixed once a run has begun",
                    entry["per_member"].get<bool>() ? "" : "; the same for all members"),
        4);
    for (const char* key : {"help", "formula", "source"}) text += wrapped(entry[key].get<std::string>(), 4);
  }
  return text;
}

struct List {
  const char* name;
  Json (*make)();
  std::string (*text)(const Json&);
};
constexpr List lists[] = {{"studies", studies, name_lines},      {"attention", attention, described_lines},
                          {"tasks", tasks, described_lines},     {"probes", probes, described_lines},
                          {"figures", figures, described_lines}, {"recipes", recipes, described_lines},
                          {"fields", fields, field_lines}};

} // namespace

std::string list_text(const ListArguments& arguments) {
  std::vector<std::string> names;
  for (const List& list : lists) names.emplace_back(list.name);
  const auto found = std::find(names.begin(), names.end(), arguments.what);
  if (found == names.end())
    throw InputError(arguments.what.empty()
                         ? fmt::format("plateau list: say what: {}", fmt::join(names, ", "))
                         : fmt::format("there is no list of '{}'{}; there are: {}", arguments.what,
                                       study::did_you_mean(arguments.what, names), fmt::join(names, ", ")));
  const List& list = lists[found - names.begin()];
  const Json entries = list.make();
  return arguments.json ? entries.dump(2) + "\n" : list.text(entries);
}

int list_command(const ListArguments& arguments) {
  fmt::print("{}", list_text(arguments));
  return 0;
}

} // namespace plateau::commands
