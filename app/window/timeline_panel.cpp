#include "app/window/timeline_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/curves.h"
#include "app/window/elements.h"
#include "app/window/events_panel.h"
#include "widgets/axis.h"

namespace plateau::window {
using training::Event;
using widgets::TimelineMark;

namespace {

TimelineMark::Shape shape_of(Event::Kind kind) {
  switch (kind) {
  case Event::Kind::EurekaMoment:
  case Event::Kind::Generalisation:
    return TimelineMark::Shape::Star;
  case Event::Kind::Intervention:
    return TimelineMark::Shape::Diamond;
  case Event::Kind::Divergence:
    return TimelineMark::Shape::Diamond;
  default:
    return TimelineMark::Shape::Dot;
  }
}

widgets::Timeline describe(const View& view) {
  const widgets::Theme& theme = view.widgets.theme;
  widgets::Timeline line;
  line.end = view.last_step;
  line.planned = view.snapshot.planned_steps;
  line.step = view.step;
  line.live = view.live && view.following;
  line.stops.assign(view.stops.begin(), view.stops.end());
  for (const std::int64_t step : view.snapshot.checkpoints)
    line.marks.push_back(
        {step, theme.dim_text.with_alpha(0.5f),
         fmt::format("checkpoint at step {}", widgets::format_step(static_cast<double>(step))),
         TimelineMark::Shape::Line});
  for (const Event& event : view.snapshot.events) {
    if (event.kind == Event::Kind::Checkpoint || event.kind == Event::Kind::PlateauBegin ||
        event.kind == Event::Kind::PlateauEnd)
      continue; // checkpoints are listed above, plateaus are spans
    if (event.member >= 0 && !view.is_visible(event.member)) continue;
    const bool learnt = event.kind == Event::Kind::EurekaMoment || event.kind == Event::Kind::Memorisation ||
                        event.kind == Event::Kind::Generalisation;
    const bool of_member = learnt && event.member >= 0;
    const widgets::Color color = of_member
                                     ? widgets::member_color(theme, static_cast<std::size_t>(event.member))
                                     : event_color(theme, event.kind);
    line.marks.push_back({event.step, color, event.text, shape_of(event.kind)});
  }
  for (const auto& remark : view.annotations.remarks)
    if (remark.member < 0 || view.is_visible(remark.member))
      line.marks.push_back({remark.step, theme.text, remark.text, TimelineMark::Shape::Dot});
  line.spans = figures::plateau_spans(view.snapshot, view.member_plot_options());
  return line;
}

} // namespace

float TimelinePanel::height() {
  return em() * 4.4f;
}

void TimelinePanel::draw(const View& view) {
  view.readings["following"] = view.following ? "yes" : "no";
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float buttons = em() * 21;
  const widgets::Timeline line = describe(view);
  state_.focused = false; // the window's own shortcuts move the playhead
  const auto done = widgets::interactive_timeline(view.widgets, "timeline", line, state_,
                                                  {space.x - buttons - em(), space.y});
  if (done.to_live)
    view.ask(GoLive{});
  else if (done.step)
    view.ask(Scrub{*done.step});

  ImGui::SameLine(0, em());
  ImGui::BeginGroup();
  ImGui::Dummy({0, (space.y - ImGui::GetFrameHeight()) / 2 - ImGui::GetStyle().ItemSpacing.y});
  ImGui::BeginDisabled(view.following);
  if (widgets::icon_button(view.widgets, "live", widgets::Icon::Live, view.live ? "Live" : "End",
                           !view.following))
    view.ask(GoLive{});
  ImGui::EndDisabled();
  mark(view, "live");
  widgets::help(
      view.widgets,
      {.title = "Follow the newest step", .text = {}, .formula = {}, .source = {}, .shortcut = "L"});

  const auto checkpoint = checkpoint_before(view.snapshot, view.step);
  const bool possible = view.live && checkpoint && training::can_intervene(view.snapshot.state);
  const std::string where =
      !view.live    ? "This is a recording: continue its training first."
      : !checkpoint ? "No checkpoint is kept at or before this step."
                    : fmt::format("From the checkpoint of step {}, the last kept at or before the playhead.",
                                  widgets::format_step(static_cast<double>(*checkpoint)));
  ImGui::SameLine();
  ImGui::BeginDisabled(!possible);
  if (widgets::icon_button(view.widgets, "branch", widgets::Icon::Branch, "Branch from here"))
    view.ask(BranchHere{});
  ImGui::EndDisabled();
  mark(view, "branch");
  widgets::help(view.widgets,
                {.title = "Branch from here",
                 .text = "A copy of the selected member goes on from this step beside the others.\n" + where,
                 .formula = {},
                 .source = {},
                 .shortcut = "B"});
  ImGui::SameLine();
  ImGui::BeginDisabled(!possible || view.following);
  if (button(view, "rewind", "Rewind here")) view.ask(RewindHere{});
  ImGui::EndDisabled();
  widgets::help(
      view.widgets,
      {.title = "Rewind here",
       .text = "Every member is frozen where it is, and a copy of each goes on from this step.\n" + where,
       .formula = {},
       .source = {},
       .shortcut = "W"});
  ImGui::EndGroup();
}

} // namespace plateau::window
