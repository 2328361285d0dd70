#include "app/window/events_panel.h"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/remark_editor.h"
#include "app/window/tab_parts.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/word_wrap.h"

namespace plateau::window {
using training::Event;

widgets::Color event_color(const widgets::Theme& theme, Event::Kind kind) {
  switch (kind) {
  case Event::Kind::PlateauBegin:
  case Event::Kind::PlateauEnd:
    return theme.warning;
  case Event::Kind::EurekaMoment:
  case Event::Kind::Generalisation:
    return theme.eureka;
  case Event::Kind::Memorisation:
    return theme.good;
  case Event::Kind::Divergence:
    return theme.error;
  case Event::Kind::Intervention:
    return theme.accent;
  default:
    return theme.dim_text;
  }
}

namespace {

/// A line of the list: an event, or a remark.
struct Row {
  std::int64_t step = 0;
  int member = -1;
  std::string_view text;
  widgets::Color color;
  std::string item;
  const recording::Remark* remark = nullptr;
};

/// Events in the order in which they were found, remarks between them by their steps.
std::vector<Row> rows_of(const View& view) {
  const widgets::Theme& theme = view.widgets.theme;
  const auto& remarks = view.annotations.remarks;
  std::vector<Row> rows;
  std::size_t next = 0;
  const auto add_remarks = [&](std::int64_t before) {
    for (; next < remarks.size() && remarks[next].step < before; ++next) {
      const auto& remark = remarks[next];
      rows.push_back(
          {remark.step, remark.member, remark.text, theme.text, fmt::format("remark-{}", next), &remark});
    }
  };
  for (std::size_t i = 0; i < view.snapshot.events.size(); ++i) {
    const Event& event = view.snapshot.events[i];
    if (event.kind == Event::Kind::Checkpoint) continue; // on the time line; too many for a list
    add_remarks(event.step);
    rows.push_back({event.step, event.member, event.text, event_color(theme, event.kind),
                    fmt::format("event-{}", i), nullptr});
  }
  add_remarks(std::numeric_limits<std::int64_t>::max());
  return rows;
}

void remark_menu(const View& view, const recording::Remark& remark) {
  if (!ImGui::BeginPopupContextItem("remark menu")) return;
  if (ImGui::MenuItem("Edit…")) view.ask(EditRemark{remark, false});
  mark(view, "remark-menu-edit");
  if (ImGui::MenuItem("Delete")) delete_remark(view, remark);
  mark(view, "remark-menu-delete");
  ImGui::EndPopup();
}

void draw_row(const View& view, const Row& row) {
  const widgets::Theme& theme = view.widgets.theme;
  const bool past = row.step <= view.step;
  std::string who = row.member < 0 ? "all members" : "";
  for (const auto& m : view.snapshot.members)
    if (m.id == row.member) who = m.name;
  // The line above names the member already.
  std::string_view text = row.text;
  if (!row.remark && text.starts_with(who + ": ")) text.remove_prefix(who.size() + 2);
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 start = ImGui::GetCursorPos();
  const ImVec2 screen = ImGui::GetCursorScreenPos();
  const float left = em() * 0.9f;
  const std::string step = widgets::format_step(static_cast<double>(row.step));
  const std::string lines = widgets::word_wrap(text, width - left);
  const ImVec2 text_size = ImGui::CalcTextSize(lines.c_str());
  const float line = ImGui::GetTextLineHeight();
  const float height = line + text_size.y + em() * 0.25f;
  if (ImGui::Selectable("##event", false, 0, {width, height})) view.ask(Scrub{row.step});
  mark(view, row.item);
  if (row.remark) remark_menu(view, *row.remark);
  const ImVec2 after = ImGui::GetCursorPos();
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({screen.x + em() * 0.15f, screen.y + em() * 0.15f},
                      {screen.x + em() * 0.4f, screen.y + height - em() * 0.25f},
                      widgets::to_u32(row.color.with_alpha(past ? 1 : 0.4f)), em() * 0.1f);
  ImGui::SetCursorPos({start.x + left, start.y});
  fitted_text(view, fmt::format("step {} · {}{}", step, row.remark ? "remark · " : "", who), width - left,
              theme.dim_text);
  ImGui::SetCursorPos({start.x + left, start.y + line});
  wrapped_text(view, text, past ? theme.text : theme.dim_text);
  ImGui::SetCursorPos(after);
}

} // namespace

void EventsPanel::draw(const View& view) {
  section(view, "EVENTS");
  if (!ImGui::BeginChild("events")) return ImGui::EndChild();
  const auto rows = rows_of(view);
  for (const Row& row : rows) {
    ImGui::PushID(row.item.c_str());
    draw_row(view, row);
    ImGui::PopID();
  }
  if (rows.empty())
    wrapped_text(
        view,
        any_member(view, is_modular_arithmetic)
            ? "When a member has memorised, when it generalises, divergence and what you do to the run "
              "will be listed here."
            : "Plateaus, Eureka-moments, divergence and what you do to the run will be listed here.",
        view.widgets.theme.dim_text);
  if (view.snapshot.events.size() > seen_ && view.following) ImGui::SetScrollHereY(1);
  seen_ = view.snapshot.events.size();
  ImGui::EndChild();
}

} // namespace plateau::window
