#include "app/window/summary_tab.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/folders.h"
#include "engine/errors.h"
#include "engine/recording/corrections.h"
#include "engine/recording/csv.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace fs = std::filesystem;
namespace {

using analysis::MemberSummary;
using analysis::SummaryMeasure;

std::string number(SummaryMeasure::Kind kind, double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  switch (kind) {
  case SummaryMeasure::Kind::Share:
    return fmt::format("{:.1f} %", 100 * value);
  case SummaryMeasure::Kind::Step:
    return fmt::format("{:.0f}", value);
  default:
    return std::abs(value) >= 0.001 || value == 0 ? fmt::format("{:.4f}", value)
                                                  : fmt::format("{:.2e}", value);
  }
}

std::string spread_text(SummaryMeasure::Kind kind, const analysis::SeedSpread& spread, std::size_t seeds) {
  std::string text = number(kind, spread.median);
  if (spread.count > 1) text += fmt::format(" [{}, {}]", number(kind, spread.low), number(kind, spread.high));
  if (static_cast<std::size_t>(spread.count) < seeds) text += fmt::format(" ({} of {})", spread.count, seeds);
  return text;
}

/// Beside the recording, or among the window's own; of a name that is not taken.
fs::path new_table_path(const std::string& recording) {
  const fs::path source(recording);
  return free_path(recording.empty() ? recordings_folder() : source.parent_path(),
                   (recording.empty() ? "run" : source.stem().string()) + "-summary", ".csv");
}

void text_right(const std::string& text) {
  const float free = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(text.c_str()).x;
  if (free > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + free);
  ImGui::TextUnformatted(text.c_str());
}

constexpr int table_flags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_ScrollX | ImGuiTableFlags_RowBg |
                            ImGuiTableFlags_Resizable | ImGuiTableFlags_NoSavedSettings |
                            ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_SizingFixedFit;

void head(const View& view, const std::vector<bool>& used, const char* first) {
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  ImGui::TableNextColumn();
  ImGui::TableHeader(first);
  const auto& measures = analysis::summary_measures();
  for (std::size_t i = 0; i < measures.size(); ++i) {
    if (!used[i]) continue;
    ImGui::TableNextColumn();
    ImGui::TableHeader(measures[i].title.c_str());
    mark(view, "summary-" + measures[i].name);
    widgets::help(view.widgets, measures[i].help);
  }
}

} // namespace

void SummaryTab::update(const View& view) {
  const training::Snapshot& s = view.snapshot;
  std::vector<std::pair<int, std::string>> names;
  for (const auto& m : s.members) names.emplace_back(m.id, m.name);
  const bool same_members =
      run_ == view.run && names == names_ && state_ == s.state && corrections_ == view.annotations.plateaus;
  if (same_members && (step_ == s.step || ImGui::GetTime() < next_)) return;
  const double before = ImGui::GetTime();
  const auto start = std::chrono::steady_clock::now();
  if (run_ != view.run) note_.clear();
  run_ = view.run;
  names_ = std::move(names);
  step_ = s.step;
  state_ = s.state;
  members_ = analysis::summaries(s);
  corrections_ = view.annotations.plateaus;
  for (auto& m : members_) recording::correct(m, corrections_);
  seeds_ = analysis::over_seeds(members_);
  used_.clear();
  for (const auto& measure : analysis::summary_measures())
    used_.push_back(
        std::ranges::any_of(members_, [&](const auto& m) { return measure.value(m).has_value(); }));
  // Of a long run it takes its time: a twentieth of it at most.
  const std::chrono::duration<double> cost = std::chrono::steady_clock::now() - start;
  next_ = before + std::max(0.5, 20 * cost.count());
}

analysis::TextTable SummaryTab::as_text() const {
  return rows_ == OverSeeds ? analysis::seed_table(seeds_) : analysis::summary_table(members_);
}

void SummaryTab::save(const View& view) {
  try {
    const fs::path path = new_table_path(view.snapshot.recording);
    recording::write_csv(as_text(), path);
    note_ = "saved as " + path.string();
  } catch (const std::exception& error) {
    note_ = error.what();
  }
}

void SummaryTab::tools(const View& view) {
  const LowControls low;
  static const std::vector<std::string> names = {"Members", "Over seeds"};
  const bool several = std::ranges::any_of(seeds_, [](const auto& g) { return g.seeds.size() > 1; });
  if (!several) rows_ = Members;
  if (several) {
    if (segmented(view, "summary-rows", names, rows_)) note_.clear();
    widgets::help(view.widgets,
                  "Each member, or the median over members that differ in their seed alone with the "
                  "quartiles of the measure.");
    beside(em() * 5, em());
  }
  if (button(view, "summary-copy", "Copy")) {
    ImGui::SetClipboardText(analysis::tab_separated(as_text()).c_str());
    note_ = "copied: paste it into a spreadsheet";
  }
  widgets::help(view.widgets, "The table with all digits, its cells separated by tabs.");
  beside(em() * 6, em() * 0.4f);
  if (button(view, "summary-save", "Save CSV")) save(view);
  widgets::help(view.widgets,
                "Beside the recording, under a new name. 'plateau export RECORDING --csv FOLDER' writes "
                "it with all curves.");
  view.readings["summary-note"] = note_;
  if (note_.empty()) return;
  ImGui::SameLine(0, em());
  fitted_text(view, note_, ImGui::GetContentRegionAvail().x, view.widgets.theme.dim_text);
}

void SummaryTab::draw(const View& view) {
  if (view.snapshot.members.empty())
    return empty_state(view, "No members yet", "The first numbers follow after the first steps.");
  update(view);
  tools(view);
  const int columns = 1 + static_cast<int>(std::ranges::count(used_, true)) + (rows_ == Members ? 1 : 0);
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {em() * 0.5f, em() * 0.18f});
  widgets::push_font(view.widgets.fonts.small);
  const char* id = rows_ == Members ? "summary" : "summary over seeds";
  const int sortable = rows_ == Members ? ImGuiTableFlags_Sortable | ImGuiTableFlags_SortTristate : 0;
  if (ImGui::BeginTable(id, columns, table_flags | sortable, ImGui::GetContentRegionAvail())) {
    ImGui::TableSetupScrollFreeze(1, 1);
    const auto& measures = analysis::summary_measures();
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthFixed | ImGuiTableColumnFlags_NoHide);
    for (std::size_t i = 0; i < measures.size(); ++i)
      if (used_[i])
        ImGui::TableSetupColumn(measures[i].title.c_str(), ImGuiTableColumnFlags_WidthFixed, 0,
                                static_cast<ImGuiID>(i + 1));
    if (rows_ == Members)
      ImGui::TableSetupColumn("seed", ImGuiTableColumnFlags_WidthFixed, 0,
                              static_cast<ImGuiID>(measures.size() + 1));
    head(view, used_, rows_ == Members ? "member" : "members, over seeds");
    if (rows_ == Members) {
      ImGui::TableNextColumn();
      ImGui::TableHeader("seed");
      std::vector<const MemberSummary*> rows;
      for (const auto& m : members_) rows.push_back(&m);
      member_rows(view, std::move(rows));
    } else {
      seed_rows(view);
    }
    ImGui::EndTable();
  }
  ImGui::PopFont();
  ImGui::PopStyleVar();
}

void SummaryTab::member_rows(const View& view, std::vector<const MemberSummary*> rows) {
  const auto& measures = analysis::summary_measures();
  if (const ImGuiTableSortSpecs* specs = ImGui::TableGetSortSpecs(); specs && specs->SpecsCount > 0) {
    const std::size_t column = specs->Specs[0].ColumnUserID;
    const bool down = specs->Specs[0].SortDirection == ImGuiSortDirection_Descending;
    std::ranges::stable_sort(rows, [&](const MemberSummary* a, const MemberSummary* b) {
      const auto in_order = [down](const auto& left, const auto& right) {
        return down ? right < left : left < right;
      };
      if (column == 0) return in_order(a->name, b->name);
      if (column > measures.size()) return in_order(a->seed, b->seed);
      const auto left = measures[column - 1].value(*a), right = measures[column - 1].value(*b);
      if (!left || !right) return left.has_value() && !right.has_value(); // what there is not: last
      return in_order(*left, *right);
    });
  }
  for (const MemberSummary* m : rows) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushID(m->id);
    widgets::color_dot(view.widgets,
                       widgets::member_color(view.widgets.theme, static_cast<std::size_t>(m->id)));
    ImGui::SameLine(0, em() * 0.3f);
    const bool selected = view.member && view.member->id == m->id;
    if (ImGui::Selectable(m->name.c_str(), selected, ImGuiSelectableFlags_SpanAllColumns))
      view.ask(SelectMember{m->id});
    mark(view, fmt::format("summary-member-{}", m->id));
    ImGui::PopID();
    for (std::size_t i = 0; i < measures.size(); ++i) {
      if (!used_[i]) continue;
      ImGui::TableNextColumn();
      const auto value = measures[i].value(*m);
      std::string text = value ? number(measures[i].kind, *value) : "–";
      const bool lasts = m->plateau && m->plateau->lasting &&
                         (measures[i].name == "plateau_end" || measures[i].name == "plateau_length");
      if (lasts) text += " so far";
      text_right(text);
      view.readings[fmt::format("summary-{}-{}", m->id, measures[i].name)] = text;
    }
    ImGui::TableNextColumn();
    text_right(std::to_string(m->seed));
  }
}

void SummaryTab::seed_rows(const View& view) {
  const auto& measures = analysis::summary_measures();
  for (std::size_t g = 0; g < seeds_.size(); ++g) {
    const auto& group = seeds_[g];
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    widgets::color_dot(view.widgets, widgets::member_color(view.widgets.theme,
                                                           static_cast<std::size_t>(group.seeds.front().id)));
    ImGui::SameLine(0, em() * 0.3f);
    ImGui::TextUnformatted(group.seeds.size() > 1
                               ? fmt::format("{} ({} seeds)", group.name, group.seeds.size()).c_str()
                               : group.name.c_str());
    mark(view, fmt::format("summary-seeds-{}", g));
    for (std::size_t i = 0; i < measures.size(); ++i) {
      if (!used_[i]) continue;
      ImGui::TableNextColumn();
      const auto& spread = group.spreads[i];
      const std::string text = spread ? spread_text(measures[i].kind, *spread, group.seeds.size()) : "–";
      text_right(text);
      view.readings[fmt::format("summary-seeds-{}-{}", g, measures[i].name)] = text;
    }
  }
}

} // namespace plateau::window
