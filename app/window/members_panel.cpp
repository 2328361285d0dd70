#include "app/window/members_panel.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/member_looks.h"
#include "app/window/short_names.h"
#include "app/window/tab_parts.h"
#include "app/window/text.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

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

template<class T> int compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

/// What is not there comes last, also where the order is turned round.
template<class T> int compare_optional(const std::optional<T>& a, const std::optional<T>& b, bool down) {
  if (!a || !b) return down ? compare(!b, !a) : compare(!a, !b);
  return compare(*a, *b);
}

} // namespace

std::vector<MembersPanel::Row> MembersPanel::rows(const View& view) const {
  std::vector<Row> rows;
  for (const auto& m : view.snapshot.members) {
    if (m.parent >= 0 && m.forked_at > view.step) continue; // not born yet at the playhead
    if (!matches_filter(m)) continue;
    auto accuracy = value_at(m, "accuracy/validation", view.step);
    auto loss = value_at(m, "loss/validation", view.step);
    if (!loss) loss = value_at(m, "loss/train", view.step);
    rows.push_back({&m, is_pinned(view, m.id), std::min(m.step, view.step), loss, accuracy,
                    jump_step(view.snapshot, m.id, view.step)});
  }
  const auto pinned_first = [&] {
    std::ranges::stable_partition(rows, &Row::pinned);
    return rows;
  };
  ImGuiTableSortSpecs* specs = ImGui::TableGetSortSpecs();
  if (!specs || specs->SpecsCount == 0) return pinned_first();
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
      order = compare_optional(a.loss, b.loss, down);
      break;
    case Accuracy:
      order = compare_optional(a.accuracy, b.accuracy, down);
      break;
    case Jump:
      order = compare_optional(a.eureka, b.eureka, down);
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
  return pinned_first();
}

bool MembersPanel::matches_filter(const training::MemberView& m) const {
  const std::string wanted = lower(filter_.data());
  return wanted.empty() ||
         lower(fmt::format("{} {} seed {}", m.name, attention_of(m), m.seed)).find(wanted) !=
             std::string::npos;
}

void MembersPanel::obey_keyboard(const View& view) {
  const bool renames = std::exchange(rename_wanted_, false), removes = std::exchange(remove_wanted_, false);
  if (!view.member) return;
  if (renames) {
    if (!matches_filter(*view.member)) filter_.fill(0); // it has to be seen
    renaming_ = view.member->id;
    rename_begins_ = true;
  }
  if (removes) remove(view, *view.member);
}

void MembersPanel::filter_field(const View& view) {
  const LowControls low;
  widgets::push_font(view.widgets.fonts.small);
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  ImGui::InputTextWithHint("##filter", "filter: name, attention, seed", filter_.data(), filter_.size(),
                           ImGuiInputTextFlags_AutoSelectAll);
  mark(view, "members-filter");
  widgets::help(view.widgets,
                "Members with this in their name, attention or seed. Only the table: what is drawn "
                "stays so; the square in the table's head hides or shows those that are left.");
  ImGui::PopFont();
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
  obey_keyboard(view);
  names_.clear();
  for (const auto& m : view.snapshot.members) names_.push_back(m.name);
  filter_field(view);
  table(view);
  footer(view);
  if (menu_.draw(view)) {
    renaming_ = menu_.member();
    rename_begins_ = true;
  }
}

void MembersPanel::table(const View& view) {
  constexpr int flags = ImGuiTableFlags_Sortable | ImGuiTableFlags_SortTristate | ImGuiTableFlags_Hideable |
                        ImGuiTableFlags_Resizable | ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY |
                        ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings |
                        ImGuiTableFlags_BordersInnerV;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {em() * 0.22f, em() * 0.16f});
  widgets::push_font(view.widgets.fonts.small);
  const auto lines = static_cast<float>(view.beside.size() + (count_removed(view) > 0 ? 1 : 0));
  const float below = lines > 0 ? lines * ImGui::GetTextLineHeightWithSpacing() + em() * 0.3f : 0;
  const ImVec2 space = ImGui::GetContentRegionAvail();
  if (ImGui::BeginTable("members", Count, flags, {space.x, std::max(em() * 3, space.y - below)})) {
    // What does not fit at first can be shown from the header's menu.
    const float room = ImGui::GetContentRegionAvail().x;
    const int fixed = ImGuiTableColumnFlags_WidthFixed;
    const int hidden = room > em() * 30 ? 0 : ImGuiTableColumnFlags_DefaultHide;
    const int attention_hidden = room > em() * 24 ? 0 : ImGuiTableColumnFlags_DefaultHide;
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("##shown",
                            fixed | ImGuiTableColumnFlags_NoResize | ImGuiTableColumnFlags_NoSort |
                                ImGuiTableColumnFlags_NoHide,
                            em() * 1.3f);
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch | ImGuiTableColumnFlags_NoHide, 1.3f);
    ImGui::TableSetupColumn("attention", ImGuiTableColumnFlags_WidthStretch | attention_hidden, 1);
    ImGui::TableSetupColumn("loss", fixed, em() * 2.9f);
    // Regression has no answers to count.
    const int answers = any_series(view, "accuracy/") || !any_member(view, is_linear_transformer)
                            ? 0
                            : ImGuiTableColumnFlags_Disabled;
    ImGui::TableSetupColumn("acc.", fixed | answers, em() * 2.6f);
    const bool groks = any_member(view, is_modular_arithmetic);
    ImGui::TableSetupColumn(groks ? "grok###jump" : "jump###jump", fixed | answers, em() * 3);
    ImGui::TableSetupColumn("step", fixed | hidden, em() * 3);
    ImGui::TableSetupColumn("seed", fixed | hidden, em() * 2.6f);
    const auto listed = rows(view);
    header(view, listed);
    for (const Row& r : listed) row(view, r);
    ImGui::EndTable();
    if (listed.empty()) {
      const ImVec2 after = ImGui::GetCursorPos();
      ImGui::SetCursorPosY(after.y - space.y + below + em() * 2);
      wrapped_text(view, fmt::format("No member has '{}' in its name, attention or seed.", filter_.data()),
                   view.widgets.theme.dim_text);
      mark(view, "members-none");
      ImGui::SetCursorPos(after);
      ImGui::Dummy({0, 0});
    }
  }
  ImGui::PopFont();
  ImGui::PopStyleVar();
}

namespace {

enum class Fill { None, Half, Full };

void draw_square(ImVec2 corner, widgets::Color color, Fill fill) {
  const float side = ImGui::GetTextLineHeight();
  const ImVec2 low = {corner.x + side * 0.12f, corner.y + side * 0.1f};
  const ImVec2 high = {low.x + side * 0.8f, low.y + side * 0.8f};
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (fill == Fill::Full) return list->AddRectFilled(low, high, widgets::to_u32(color), side * 0.2f);
  list->AddRect(low, high, widgets::to_u32(color.with_alpha(0.7f)), side * 0.2f, 0, 1.5f);
  if (fill == Fill::Half)
    list->AddRectFilled({low.x + side * 0.22f, low.y + side * 0.33f},
                        {high.x - side * 0.22f, high.y - side * 0.33f}, widgets::to_u32(color));
}

} // namespace

void MembersPanel::header(const View& view, const std::vector<Row>& rows) {
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (int column = 0; column < Count; ++column) {
    if (!ImGui::TableSetColumnIndex(column)) continue;
    if (column != Shown) {
      const char* name = ImGui::TableGetColumnName(column);
      ImGui::TableHeader(name);
      mark(view,
           fmt::format("members-{}", std::string_view(name).substr(0, std::string_view(name).find('#'))));
      continue;
    }
    std::set<int> ids;
    std::size_t drawn = 0;
    for (const Row& r : rows) {
      ids.insert(r.member->id);
      drawn += view.is_visible(r.member->id) ? 1 : 0;
    }
    const bool all = drawn == rows.size() && drawn > 0;
    const float side = ImGui::GetTextLineHeight();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    if (ImGui::InvisibleButton("##all", {side * 1.1f, side})) all ? hide(view, ids) : show(view, ids);
    mark(view, "show-all");
    widgets::help(view.widgets, all ? "All of these are drawn; click to hide them (pinned ones stay)."
                                    : "Click to draw all of these.");
    draw_square(corner, view.widgets.theme.dim_text, all ? Fill::Full : drawn > 0 ? Fill::Half : Fill::None);
  }
}

void MembersPanel::color_square(const View& view, const Row& row) {
  const training::MemberView& m = *row.member;
  const bool visible = view.is_visible(m.id);
  const float side = ImGui::GetTextLineHeight();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  if (ImGui::InvisibleButton("##visible", {side * 1.1f, side})) {
    if (widgets::control_held())
      show_only(view, m);
    else
      toggle_shown(view, m);
  }
  mark(view, fmt::format("visible-{}", m.id));
  if (ImGui::IsItemClicked(ImGuiMouseButton_Right)) menu_.open(m.id);
  widgets::help(
      view.widgets,
      visible ? "Drawn; click to hide its curves, with Ctrl to hide all others. Right click: its colour."
              : "Hidden; click to draw its curves, with Ctrl only these. Right click: its colour.");
  draw_square(corner, widgets::member_color(view.widgets.theme, static_cast<std::size_t>(m.id)),
              visible ? Fill::Full : Fill::None);
}

void MembersPanel::name_field(const View& view, const training::MemberView& m) {
  if (std::exchange(rename_begins_, false)) {
    new_name_.fill(0);
    m.name.copy(new_name_.data(), new_name_.size() - 1);
    focus_name_ = true;
  }
  if (std::exchange(focus_name_, false)) ImGui::SetKeyboardFocusHere();
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em() * 0.2f, 0});
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  if (rename_refused_)
    ImGui::PushStyleColor(ImGuiCol_FrameBg, widgets::to_vec4(view.widgets.theme.error.with_alpha(0.35f)));
  const bool entered =
      ImGui::InputText("##name", new_name_.data(), new_name_.size(),
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  mark(view, "rename-field");
  if (rename_refused_) {
    ImGui::PopStyleColor();
    ImGui::SetTooltip("Another member has this name.");
  }
  ImGui::PopStyleVar();
  const bool cancelled = widgets::key_pressed(widgets::Key::Escape);
  const bool left = ImGui::IsItemDeactivated();
  if (!entered && !left) return;
  // A name that another member has is kept in the field, to be changed.
  if (!cancelled && !rename(view, m, new_name_.data()) && entered) {
    rename_refused_ = focus_name_ = true;
    return;
  }
  rename_refused_ = false;
  renaming_ = -1;
}

void MembersPanel::footer(const View& view) {
  widgets::push_font(view.widgets.fonts.small);
  ImGui::PushStyleColor(ImGuiCol_Text, widgets::to_vec4(view.widgets.theme.accent));
  const auto line = [&](const std::string& id, const std::string& text, const char* help) {
    const bool chosen = ImGui::Selectable(fmt::format("{}##{}", text, id).c_str());
    mark(view, id);
    widgets::help(view.widgets, help);
    return chosen;
  };
  if (const std::size_t removed = count_removed(view); removed > 0)
    if (line("bring-back", fmt::format("{} removed: bring back", removed),
             "Every removed member is listed and drawn again. Their data never left the file."))
      bring_back_removed(view);
  for (const std::string& name : view.beside)
    if (line("take-away-" + name, "take away " + name,
             "Compares with this recording no longer. The file stays."))
      view.ask(TakeAwayRecording{name});
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void MembersPanel::row(const View& view, const Row& row) {
  const training::MemberView& m = *row.member;
  const widgets::Theme& theme = view.widgets.theme;
  const bool selected = view.member && view.member->id == m.id;
  ImGui::PushID(m.id);
  ImGui::TableNextRow();
  ImGui::TableSetColumnIndex(Shown);
  color_square(view, row);

  ImGui::TableSetColumnIndex(Name);
  const float name_left = ImGui::GetCursorScreenPos().x, name_width = ImGui::GetContentRegionAvail().x;
  if (renaming_ == m.id) {
    name_field(view, m);
  } else {
    if (ImGui::Selectable("##select", selected,
                          ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowItemOverlap))
      view.ask(SelectMember{m.id});
    mark(view, fmt::format("member-{}", m.id));
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    widgets::test_ids::mark(fmt::format("member-name-{}", m.id),
                            {name_left, low.y, name_width, high.y - low.y});
    if (ImGui::IsItemHovered()) {
      const float x = ImGui::GetIO().MousePos.x;
      if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && x >= name_left &&
          x <= name_left + name_width) {
        renaming_ = m.id;
        rename_begins_ = true;
      }
      if (ImGui::IsMouseClicked(ImGuiMouseButton_Right)) menu_.open(m.id);
    }
    tooltip(view, row);
    ImGui::SameLine(0, 0);
    name(view, row, selected);
  }
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

void MembersPanel::tooltip(const View& view, const Row& row) const {
  const training::MemberView& m = *row.member;
  std::string text;
  if (m.parent >= 0)
    for (const auto& other : view.snapshot.members)
      if (other.id == m.parent)
        text = fmt::format("{} of {} at step {}.\n", m.is_twin ? "Twin" : "Fork", other.name,
                           widgets::format_step(static_cast<double>(m.forked_at)));
  text += fmt::format("Attention: {}, seed {}, {} parameters.", attention_of(m), m.seed,
                      widgets::format_step(static_cast<double>(m.parameters)));
  if (view.recorded)
    for (const auto& recorded : view.recorded->members)
      if (recorded.id == m.id && recorded.name != m.name) text += "\nRecorded as " + recorded.name + ".";
  if (!m.training) text += "\nTrains no further: halted, or frozen by a rewind.";
  if (m.settings.model.kind == "arithmetic-transformer") text += "\nNorms: " + m.settings.model.norms + ".";
  text += delay_text(memorisation_step(view.snapshot, m.id, view.step), row.eureka);
  text += "\nDouble click: rename. Right click: colour, pin, remove.";
  widgets::help(view.widgets, {.title = m.name, .text = text, .formula = {}, .source = {}, .shortcut = {}});
}

void MembersPanel::name(const View& view, const Row& row, bool selected) const {
  const widgets::Theme& theme = view.widgets.theme;
  const training::MemberView& m = *row.member;
  if (row.pinned) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = ImGui::GetTextLineHeight();
    {
      widgets::ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), view.widgets.fonts, view.widgets.textures);
      draw_icon(canvas, widgets::Icon::Pin, {at.x, at.y + side * 0.1f, side * 0.8f, side * 0.8f},
                theme.accent);
    }
    ImGui::SetCursorScreenPos({at.x + side * 0.9f, at.y});
  }
  if (selected) widgets::push_font(view.widgets.fonts.small_semibold);
  const auto width_of = [](std::string_view text) {
    return ImGui::CalcTextSize(text.data(), text.data() + text.size()).x;
  };
  const std::string shown = short_name(m.name, names_, ImGui::GetContentRegionAvail().x, width_of);
  ImGui::PushStyleColor(ImGuiCol_Text, widgets::to_vec4(m.training ? theme.text : theme.dim_text));
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopStyleColor();
  if (selected) ImGui::PopFont();
}

} // namespace plateau::window
