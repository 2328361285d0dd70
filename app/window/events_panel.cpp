#include "app/window/events_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
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

void EventsPanel::draw(const View& view) {
  section(view, "EVENTS");
  if (!ImGui::BeginChild("events")) return ImGui::EndChild();
  bool any = false;
  for (std::size_t i = 0; i < view.snapshot.events.size(); ++i) {
    const Event& event = view.snapshot.events[i];
    if (event.kind == Event::Kind::Checkpoint) continue; // on the time line; too many for a list
    any = true;
    const widgets::Theme& theme = view.widgets.theme;
    const bool past = event.step <= view.step;
    ImGui::PushID(static_cast<int>(i));
    std::string who = event.member < 0 ? "all members" : "";
    for (const auto& m : view.snapshot.members)
      if (m.id == event.member) who = m.name;
    // The line above names the member already.
    std::string_view text = event.text;
    if (text.starts_with(who + ": ")) text.remove_prefix(who.size() + 2);
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 start = ImGui::GetCursorPos();
    const ImVec2 screen = ImGui::GetCursorScreenPos();
    const float left = em() * 0.9f;
    const std::string step = widgets::format_step(static_cast<double>(event.step));
    const std::string lines = widgets::word_wrap(text, width - left);
    const ImVec2 text_size = ImGui::CalcTextSize(lines.c_str());
    const float line = ImGui::GetTextLineHeight();
    const float height = line + text_size.y + em() * 0.25f;
    if (ImGui::Selectable("##event", false, 0, {width, height})) view.ask(Scrub{event.step});
    mark(view, fmt::format("event-{}", i));
    const ImVec2 after = ImGui::GetCursorPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled({screen.x + em() * 0.15f, screen.y + em() * 0.15f},
                        {screen.x + em() * 0.4f, screen.y + height - em() * 0.25f},
                        widgets::to_u32(event_color(theme, event.kind).with_alpha(past ? 1 : 0.4f)),
                        em() * 0.1f);
    ImGui::SetCursorPos({start.x + left, start.y});
    fitted_text(view, fmt::format("step {} · {}", step, who), width - left, theme.dim_text);
    ImGui::SetCursorPos({start.x + left, start.y + line});
    wrapped_text(view, text, past ? theme.text : theme.dim_text);
    ImGui::SetCursorPos(after);
    ImGui::PopID();
  }
  if (!any)
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
