#include "app/window/timeline_panel.h"
#include "app/size_on_disk.h"

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/curves.h"
#include "app/window/elements.h"
#include "app/window/events_panel.h"
#include "app/window/going_back.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

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

std::string shown(std::int64_t step) {
  return widgets::format_step(static_cast<double>(step));
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
    line.marks.push_back({step, theme.dim_text.with_alpha(0.5f),
                          fmt::format("checkpoint at step {} (right click: go back to it)", shown(step)),
                          TimelineMark::Shape::Line});
  for (const Event& event : view.snapshot.events) {
    if (!is_marked(event, view.hidden)) continue;
    const bool learnt = event.kind == Event::Kind::EurekaMoment || event.kind == Event::Kind::Memorisation ||
                        event.kind == Event::Kind::Generalisation;
    const bool of_member = learnt && event.member >= 0;
    const widgets::Color color = of_member
                                     ? widgets::member_color(theme, static_cast<std::size_t>(event.member))
                                     : event_color(theme, event.kind);
    line.marks.push_back({event.step, color, event.text, shape_of(event.kind)});
  }
  for (const auto& remark : view.annotations.remarks)
    if (is_marked(remark, view.hidden))
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
  const float buttons = em() * 24;
  const widgets::Timeline line = describe(view);
  state_.focused = false; // the window's own shortcuts move the playhead
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const widgets::Size size = {space.x - buttons - em(), space.y};
  const auto done = widgets::interactive_timeline(view.widgets, "timeline", line, state_, size);
  if (done.to_live)
    view.ask(GoLive{});
  else if (done.step)
    view.ask(Scrub{*done.step});
  if (ImGui::IsItemClicked(1)) {
    const auto scale =
        widgets::timeline_scale(line, {origin.x, origin.y, size.width, size.height}, view.widgets.style);
    menu_step_ = widgets::nearest_stop(line, scale.value(ImGui::GetIO().MousePos.x));
    ImGui::OpenPopup("timeline-menu");
  }
  menu(view);

  ImGui::SameLine(0, em());
  ImGui::BeginGroup();
  const float rows = ImGui::GetFrameHeight() * 2 + ImGui::GetStyle().ItemSpacing.y;
  ImGui::Dummy({0, std::max(0.f, (space.y - rows) / 2 - ImGui::GetStyle().ItemSpacing.y)});
  moving(view);
  going_back(view);
  ImGui::EndGroup();
}

void TimelinePanel::menu(const View& view) {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {em() * 0.6f, em() * 0.5f});
  const bool open = ImGui::BeginPopup("timeline-menu");
  ImGui::PopStyleVar();
  if (!open) return;
  if (widgets::key_pressed(widgets::Key::Escape)) ImGui::CloseCurrentPopup();
  const auto item = [&](const char* id, const std::string& text, const std::string& why, const char* help) {
    const bool chosen = ImGui::MenuItem(fmt::format("{}##{}", text, id).c_str(), nullptr, false, why.empty());
    mark(view, id);
    widgets::help(view.widgets, why.empty() ? help : why);
    return chosen;
  };
  // A member may have checkpoints of its own, where it was forked or halted.
  const auto all = checkpoint_before(view.snapshot.checkpoints, menu_step_);
  const auto own = view.member ? checkpoint_before(view.member->checkpoints, menu_step_) : std::nullopt;
  const auto target = [](const char* what, std::optional<std::int64_t> step) {
    return step ? fmt::format("{} step {}", what, shown(*step)) : std::string(what) + " here";
  };
  dim_text(view, fmt::format("step {}", shown(menu_step_)));
  if (item("timeline-show", "Show this step", "", "Every panel as it was then.")) view.ask(Scrub{menu_step_});
  ImGui::Separator();
  const auto cannot_branch = branch_obstacle(view.snapshot, view.live, view.member, menu_step_);
  if (item("timeline-branch", target("Branch from", own), cannot_branch,
           "A copy of the selected member goes on from there beside the others."))
    view.ask(BranchWith{view.member->id, *own, {}, {}});
  if (item("timeline-branch-with", target("Branch with changes from", own) + " …", cannot_branch,
           "Likewise, with other settings."))
    view.ask(ShowBranchDialog{menu_step_});
  if (item("timeline-rewind", target("Rewind to", all), rewind_obstacle(view.snapshot, view.live, menu_step_),
           "Every member is frozen where it is, and a copy of each goes on from there."))
    view.ask(RewindTo{*all});
  ImGui::EndPopup();
}

void TimelinePanel::moving(const View& view) {
  if (widgets::icon_button(view.widgets, "event-before", widgets::Icon::EventBefore))
    view.ask(ScrubToEvent{-1});
  mark(view, "event-before");
  widgets::help(view.widgets,
                {.title = "To the event before",
                 .text = "Back to the last mark, or begin or end of a plateau, before this step.",
                 .formula = {},
                 .source = {},
                 .shortcut = "Shift + Left"});
  ImGui::SameLine();
  if (widgets::icon_button(view.widgets, "event-after", widgets::Icon::EventAfter)) view.ask(ScrubToEvent{1});
  mark(view, "event-after");
  widgets::help(view.widgets, {.title = "To the next event",
                               .text = "On to the next mark, or begin or end of a plateau, after this step.",
                               .formula = {},
                               .source = {},
                               .shortcut = "Shift + Right"});
  ImGui::SameLine();
  ImGui::BeginDisabled(view.following);
  if (widgets::icon_button(view.widgets, "live", widgets::Icon::Live, view.live ? "Live" : "End",
                           !view.following))
    view.ask(GoLive{});
  ImGui::EndDisabled();
  mark(view, "live");
  widgets::help(
      view.widgets,
      {.title = "Follow the newest step", .text = {}, .formula = {}, .source = {}, .shortcut = "L"});
  const std::string kept = app::kept_text(view.snapshot.kept);
  view.readings["checkpoints"] = kept;
  if (kept.empty()) return;
  ImGui::SameLine(0, em() * 0.8f);
  ImGui::AlignTextToFramePadding();
  ImGui::BeginGroup();
  fitted_text(view, kept, ImGui::GetContentRegionAvail().x, view.widgets.theme.dim_text);
  ImGui::EndGroup();
  mark(view, "checkpoints");
  const auto& states = view.snapshot.kept;
  widgets::help(view.widgets,
                {.title = "What can be gone back to",
                 .text = fmt::format("{} states of members at {}, each with weights, optimizer state and "
                                     "position in the data: {} bytes in the recording.\n{}",
                                     states.states,
                                     states.steps == 1 ? "one step" : fmt::format("{} steps", states.steps),
                                     shown(states.bytes), policy_text(view.snapshot)),
                 .formula = {},
                 .source = {},
                 .shortcut = {}});
}

void TimelinePanel::going_back(const View& view) {
  const auto branch_step =
      view.member ? checkpoint_before(view.member->checkpoints, view.step) : std::nullopt;
  const auto rewind_step = checkpoint_before(view.snapshot.checkpoints, view.step);
  const auto cannot_branch = branch_obstacle(view.snapshot, view.live, view.member, view.step),
             cannot_rewind = rewind_obstacle(view.snapshot, view.live, view.step);
  const auto help = [&](const char* title, const std::string& text, const std::string& obstacle,
                        std::optional<std::int64_t> step, const char* key) {
    const std::string where =
        obstacle.empty()
            ? fmt::format("From the checkpoint of step {}, the last kept at or before the playhead.",
                          shown(*step))
            : "Not now: " + obstacle + ".";
    widgets::help(
        view.widgets,
        {.title = title, .text = text + "\n" + where, .formula = {}, .source = {}, .shortcut = key});
  };
  ImGui::BeginDisabled(!cannot_branch.empty());
  if (widgets::icon_button(view.widgets, "branch", widgets::Icon::Branch, "Branch from here"))
    view.ask(BranchHere{});
  ImGui::EndDisabled();
  mark(view, "branch");
  help("Branch from here", "A copy of the selected member goes on from this step beside the others.",
       cannot_branch, branch_step, "B");
  ImGui::SameLine();
  ImGui::BeginDisabled(!cannot_branch.empty());
  if (button(view, "branch-with", "with changes …")) view.ask(ShowBranchDialog{});
  ImGui::EndDisabled();
  help("Branch with changes", "Likewise, but under a name of its own and with other settings.", cannot_branch,
       branch_step, "Shift + B");
  ImGui::SameLine();
  ImGui::BeginDisabled(!cannot_rewind.empty() || view.following);
  if (button(view, "rewind", "Rewind here")) view.ask(RewindHere{});
  ImGui::EndDisabled();
  help("Rewind here", "Every member is frozen where it is, and a copy of each goes on from this step.",
       cannot_rewind, rewind_step, "W");
}

} // namespace plateau::window
