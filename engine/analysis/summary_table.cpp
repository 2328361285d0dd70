#include "engine/analysis/summary_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace plateau::analysis {
namespace {

std::string cell(std::optional<double> value) {
  return value ? fmt::format("{}", *value) : "";
}

} // namespace

TextTable summary_table(const std::vector<MemberSummary>& members) {
  TextTable table{{"member", "name", "seed", "parameters"}};
  for (const auto& measure : summary_measures()) table.front().push_back(measure.name);
  table.front().insert(table.front().end(), {"best_step", "plateau_level", "plateau_lasting"});
  for (const auto& member : members) {
    std::vector<std::string> row{fmt::format("{}", member.id), member.name, fmt::format("{}", member.seed),
                                 fmt::format("{}", member.parameters)};
    for (const auto& measure : summary_measures()) row.push_back(cell(measure.value(member)));
    row.push_back(member.best_step ? fmt::format("{}", *member.best_step) : "");
    row.push_back(member.plateau ? cell(member.plateau->level) : "");
    row.push_back(!member.plateau ? "" : member.plateau->lasting ? "true" : "false");
    table.push_back(std::move(row));
  }
  return table;
}

TextTable seed_table(const std::vector<SeedSummary>& groups) {
  TextTable table{{"name", "seeds"}};
  for (const auto& measure : summary_measures())
    for (const char* part : {"count", "median", "q1", "q3"})
      table.front().push_back(measure.name + "_" + part);
  for (const auto& group : groups) {
    std::vector<std::string> row{group.name, fmt::format("{}", group.seeds.size())};
    for (const auto& spread : group.spreads) {
      row.push_back(fmt::format("{}", spread ? spread->count : 0));
      for (const auto part : {&SeedSpread::median, &SeedSpread::low, &SeedSpread::high})
        row.push_back(spread ? cell(*spread.*part) : "");
    }
    table.push_back(std::move(row));
  }
  return table;
}

std::string tab_separated(const TextTable& table) {
  std::string text;
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::string cell = row[i];
      std::ranges::replace_if(
          cell, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
      text += (i ? "\t" : "") + cell;
    }
    text += '\n';
  }
  return text;
}

} // namespace plateau::analysis
