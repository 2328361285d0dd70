#include "app/window/members_panel.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/tab_parts.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

enum Column { Shown, Name, Attention, Loss, Accuracy, Jump, Step, Seed, Count };

std::string attention_of(const training::MemberView& m) {
  if (m.settings.model.kind == "linear-transformer") return m.settings.model.mixing;
  if (m.tokens.rows * m.tokens.columns == 0) return "none (CNN)";
  return m.settings.attention.variant + (m.settings.attention.laser == "off" ? "" : " + LASER");
}

/// Losses of regression fall over decades: at most six characters.
std::string loss_text(double loss) {
  if (!std::isfinite(loss)) return fmt::format("{}", loss);
  if (loss == 0 || (std::abs(loss) >= 0.1 && std::abs(loss) < 1000)) return fmt::format("{:.3f}", loss);
  if (std::abs(loss) >= 0.001 && std::abs(loss) < 0.1) return fmt::format("{:.2g}", loss);
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(loss))));
  return fmt::format("{:.1f}e{}", loss / std::pow(10.0, exponent), exponent);
}

/// How long it took from memorising to generalising.
std::string delay_text(std::optional<std::int64_t> memorised, std::optional<std::int64_t> generalised) {
  if (!memorised) return {};
  const auto from = static_cast<double>(*memorised);
  if (!generalised) return fmt::format("\nMemorised at step {}.", widgets::format_step(from));
  const auto to = static_cast<double>(*generalised);
  return fmt::format("\nMemorised at step {}, generalises at step {}: a delay of {} steps{}.",
                     widgets::format_step(from), widgets::format_step(to), widgets::format_step(to - from),
                     from > 0 ? fmt::format(", {:.2g} times as many", to / from) : "");
}

/// With so many members names are what tells them apart.
constexpr std::size_t crowd = 8;

template<class T> int compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

template<class T> int compare_optional(const std::optional<T>& a, const std::optional<T>& b) {
  // What is not there sorts last.
  if (!a || !b) return compare(!a, !b);
  return compare(*a, *b);
}

} // namespace

std::vector<MembersPanel::Row> MembersPanel::rows(const View& view) const {
  std::vector<Row> rows;
  for (const auto& m : view.snapshot.members) {
    if (m.parent >= 0 && m.forked_at > view.step) continue; // not born yet at the playhead
    auto accuracy = value_at(m, "accuracy/validation", view.step);
    auto loss = value_at(m, "loss/validation", view.step);
    if (!loss) loss = value_at(m, "loss/train", view.step);
    rows.push_back(
        {&m, std::min(m.step, view.step), loss, accuracy, jump_step(view.snapshot, m.id, view.step)});
  }
  ImGuiTableSortSpecs* specs = ImGui::TableGetSortSpecs();
  if (!specs || specs->SpecsCount == 0) return rows;
  const int column = specs->Specs[0].ColumnIndex;
  const bool down = specs->Specs[0].SortDirection == ImGuiSortDirection_Descending;
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    int order = 0;
    switch (column) {
    case Name:
      order = compare(a.member->name, b.member->name);
      break;
    case Attention:
      order = compare(attention_of(*a.member), attention_of(*b.member));
      break;
    case Loss:
      order = compare_optional(a.loss, b.loss);
      break;
    case Accuracy:
      order = compare_optional(a.accuracy, b.accuracy);
      break;
    case Jump:
      order = compare_optional(a.eureka, b.eureka);
      break;
    case Step:
      order = compare(a.step, b.step);
      break;
    case Seed:
      order = compare(a.member->seed, b.member->seed);
      break;
    default:
      order = compare(a.member->id, b.member->id);
    }
    return down ? order > 0 : order < 0;
  });
  return rows;
}

void MembersPanel::draw(const View& view) {
  section(view, "MEMBERS");
  if (view.snapshot.members.empty()) {
    const bool failed = view.snapshot.state == training::State::Failed;
    wrapped_text(view,
                 failed ? "There are none: the run did not start." : "Preparing the members of the study.",
                 view.widgets.theme.dim_text);
    return;
  }
  constexpr int flags = ImGuiTableFlags_Sortable | ImGuiTableFlags_SortTristate | ImGuiTableFlags_Hideable |
                        ImGuiTableFlags_Resizable | ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY |
                        ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings |
                        ImGuiTableFlags_BordersInnerV;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {em() * 0.3f, em() * 0.16f});
  widgets::push_font(view.widgets.fonts.small);
  const bool crowded = view.snapshot.members.size() > crowd;
  if (ImGui::BeginTable(crowded ? "many members" : "members", Count, flags, ImGui::GetContentRegionAvail())) {
    // What does not fit at first can be shown from the header's menu.
    const float room = ImGui::GetContentRegionAvail().x;
    const int fixed = ImGuiTableColumnFlags_WidthFixed;
    const int hidden = room > em() * 30 ? 0 : ImGuiTableColumnFlags_DefaultHide;
    const int crowded_hidden = crowded && room < em() * 20 ? ImGuiTableColumnFlags_DefaultHide : 0;
    const int attention_hidden = room > em() * 24 ? 0 : ImGuiTableColumnFlags_DefaultHide;
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("##shown",
                            fixed | ImGuiTableColumnFlags_NoResize | ImGuiTableColumnFlags_NoSort |
                                ImGuiTableColumnFlags_NoHide,
                            em() * 2.4f);
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch | ImGuiTableColumnFlags_NoHide, 1.3f);
    ImGui::TableSetupColumn("attention", ImGuiTableColumnFlags_WidthStretch | attention_hidden, 1);
    ImGui::TableSetupColumn("loss", fixed, em() * 3.2f);
    // Regression has no answers to count.
    const int answers = any_series(view, "accuracy/") || !any_member(view, is_linear_transformer)
                            ? 0
                            : ImGuiTableColumnFlags_Disabled;
    ImGui::TableSetupColumn("acc.", fixed | answers | crowded_hidden, em() * 2.6f);
    const bool groks = any_member(view, is_modular_arithmetic);
    ImGui::TableSetupColumn(groks ? "grok###jump" : "jump###jump", fixed | answers | crowded_hidden,
                            em() * 2.8f);
    ImGui::TableSetupColumn("step", fixed | hidden, em() * 3);
    ImGui::TableSetupColumn("seed", fixed | hidden, em() * 2.6f);
    ImGui::TableHeadersRow();
    for (const Row& r : rows(view)) row(view, r);
    ImGui::EndTable();
  }
  ImGui::PopFont();
  ImGui::PopStyleVar();
}

void MembersPanel::row(const View& view, const Row& row) {
  const training::MemberView& m = *row.member;
  const widgets::Theme& theme = view.widgets.theme;
  const widgets::Color color = widgets::member_color(theme, static_cast<std::size_t>(m.id));
  const bool visible = view.is_visible(m.id);
  const bool selected = view.member && view.member->id == m.id;
  ImGui::PushID(m.id);
  ImGui::TableNextRow();

  ImGui::TableSetColumnIndex(Shown);
  // A square of the member's colour, hollow while it is not drawn.
  const float side = ImGui::GetTextLineHeight();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  if (ImGui::InvisibleButton("##visible", {side * 1.6f, side})) view.ask(ToggleVisible{m.id});
  mark(view, fmt::format("visible-{}", m.id));
  widgets::help(view.widgets,
                visible ? "Drawn; click to hide its curves." : "Hidden; click to draw its curves.");
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 low = {corner.x + side * 0.25f, corner.y + side * 0.1f};
  const ImVec2 high = {low.x + side * 0.8f, low.y + side * 0.8f};
  if (visible)
    list->AddRectFilled(low, high, widgets::to_u32(color), side * 0.2f);
  else
    list->AddRect(low, high, widgets::to_u32(color.with_alpha(0.7f)), side * 0.2f, 0, 1.5f);

  ImGui::TableSetColumnIndex(Name);
  if (ImGui::Selectable("##select", selected,
                        ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowItemOverlap))
    view.ask(SelectMember{m.id});
  mark(view, fmt::format("member-{}", m.id));
  std::string origin;
  if (m.parent >= 0)
    for (const auto& other : view.snapshot.members)
      if (other.id == m.parent)
        origin = fmt::format("{} of {} at step {}", m.is_twin ? "Twin" : "Fork", other.name,
                             widgets::format_step(static_cast<double>(m.forked_at)));
  std::string state = m.training ? "" : "\nTrains no further: halted, or frozen by a rewind.";
  if (m.settings.model.kind == "arithmetic-transformer") state += "\nNorms: " + m.settings.model.norms + ".";
  state += delay_text(memorisation_step(view.snapshot, m.id, view.step), row.eureka);
  widgets::help(view.widgets,
                {.title = m.name,
                 .text = fmt::format("{}{}Attention: {}, seed {}, {} parameters.{}", origin,
                                     origin.empty() ? "" : ".\n", attention_of(m), m.seed,
                                     widgets::format_step(static_cast<double>(m.parameters)), state),
                 .formula = {},
                 .source = {},
                 .shortcut = {}});
  ImGui::SameLine(0, 0);
  const std::string& name = m.name;
  if (selected) widgets::push_font(view.widgets.fonts.small_semibold);
  fitted_text(view, name, ImGui::GetContentRegionAvail().x, m.training ? theme.text : theme.dim_text);
  if (selected) ImGui::PopFont();

  const auto cell = [&](int column, const std::string& text) {
    if (ImGui::TableSetColumnIndex(column))
      fitted_text(view, text, ImGui::GetContentRegionAvail().x, m.training ? theme.text : theme.dim_text);
  };
  cell(Attention, attention_of(m));
  cell(Loss, row.loss ? loss_text(*row.loss) : "-");
  cell(Accuracy, row.accuracy ? fmt::format("{:.0f} %", 100 * *row.accuracy) : "-");
  cell(Jump, row.eureka ? std::to_string(*row.eureka) : "-");
  cell(Step, std::to_string(row.step));
  cell(Seed, std::to_string(m.seed));
  ImGui::PopID();
}

} // namespace plateau::window
