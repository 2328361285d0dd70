// Summaries as tables of text, a line of names first: for CSV files and for the clipboard.
#pragma once

#include <string>
#include <vector>

#include "engine/analysis/member_summary.h"

namespace plateau::analysis {

using TextTable = std::vector<std::vector<std::string>>;

/// A line for each member. Numbers read back exactly; what there is not is empty.
TextTable summary_table(const std::vector<MemberSummary>& members);
/// A line for members that differ in their seed alone: median and quartiles of each measure.
TextTable seed_table(const std::vector<SeedSummary>& groups);

/// Tabs between cells: what spreadsheets paste.
std::string tab_separated(const TextTable& table);

} // namespace plateau::analysis
