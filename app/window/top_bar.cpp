#include "app/window/top_bar.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::window {
using training::State;
using widgets::Icon;
using widgets::to_u32;
using widgets::to_vec4;

namespace {

widgets::Color state_color(const View& view) {
  const widgets::Theme& theme = view.widgets.theme;
  switch (view.snapshot.state) {
  case State::Running:
    return theme.good;
  case State::Paused:
    return view.live ? theme.warning : theme.accent;
  case State::Finished:
    return theme.accent;
  case State::Failed:
    return theme.error;
  default:
    return theme.dim_text;
  }
}

std::string shown_steps(std::int64_t step) {
  return widgets::format_step(static_cast<double>(step));
}

std::string seconds_left(const training::Snapshot& s) {
  const std::int64_t left = s.planned_steps - s.step;
  if (s.state != State::Running || s.steps_per_second <= 0 || left <= 0) return "";
  return " · " + duration(static_cast<double>(left) / s.steps_per_second) + " left";
}

void times_tooltip(const View& view) {
  const training::StepTimes& t = view.snapshot.times;
  const std::array rows = {std::pair{"data", t.data},
                           std::pair{"forward", t.forward},
                           std::pair{"backward", t.backward},
                           std::pair{"optimizer", t.optimizer},
                           std::pair{"evaluation", t.evaluation},
                           std::pair{"probes", t.probes},
                           std::pair{"curvature", t.curvature}};
  std::string text;
  double sum = 0;
  for (const auto& [name, ms] : rows) sum += ms;
  for (const auto& [name, ms] : rows)
    text += fmt::format("{:<11}{:>9.2f} ms{:>6.1f} %\n", name, ms, sum > 0 ? 100 * ms / sum : 0);
  text += fmt::format("{:<11}{:>9.2f} ms", "sum", sum);
  widgets::help(view.widgets, {.title = "Speed",
                               .text = "Lockstep steps of all members together, and the time of one step of "
                                       "one member by phase, averaged over the last few hundred steps.",
                               .formula = text,
                               .source = {},
                               .shortcut = {}});
}

} // namespace

std::string state_text(const View& view) {
  if (view.live || view.snapshot.state == State::Failed || view.snapshot.state == State::Preparing)
    return training::to_string(view.snapshot.state);
  return view.playing ? "replay" : "replay, paused";
}

float TopBar::height() {
  return em() * 2.9f;
}

void TopBar::draw(const View& view) {
  const training::Snapshot& s = view.snapshot;
  const widgets::Theme& theme = view.widgets.theme;
  const float bar_width = ImGui::GetWindowWidth();
  const float row = ImGui::GetFrameHeight();
  const float y = (height() - row) / 2;
  const float gap = em() * 0.9f;

  // What stays at its size is drawn from both ends; the progress takes the room between.
  ImGui::SetCursorPos({em() * 0.9f, y});
  ImGui::AlignTextToFramePadding();
  widgets::push_font(view.widgets.fonts.semibold);
  const std::string title = s.study ? (s.study->title.empty() ? s.study->name : s.study->title) : "Plateau";
  fitted_text(view, title, bar_width * 0.2f, theme.text);
  ImGui::PopFont();
  mark(view, "study-title");
  if (s.study && !s.study->description.empty()) widgets::help(view.widgets, s.study->description);
  ImGui::SameLine(0, gap * 0.7f);
  ImGui::SetCursorPosY(y);
  const std::string state = state_text(view);
  widgets::badge(view.widgets, state, state_color(view));
  mark(view, "state");
  view.readings["state"] = state;
  ImGui::SameLine(0, gap);
  ImGui::SetCursorPosY(y);
  if (view.live)
    run_buttons(view);
  else
    replay_buttons(view);
  ImGui::SameLine(0, gap);

  const float left = ImGui::GetCursorPosX();
  const float buttons = row * 3 + ImGui::GetStyle().ItemSpacing.x * 2 + em() * 0.8f;
  const std::string speed = s.steps_per_second > 0 && s.state == State::Running
                                ? fmt::format("{} steps/s", rate(s.steps_per_second))
                                : std::string();
  const std::string& device = s.device;
  const float speed_width = speed.empty() ? 0 : ImGui::CalcTextSize("0000 steps/s").x + gap;
  const float device_width =
      device.empty() ? 0 : std::min(ImGui::CalcTextSize(device.c_str()).x, bar_width * 0.14f) + gap;
  const float room = bar_width - left - buttons - gap;
  const bool show_device = room > device_width + speed_width + em() * 11;
  const float progress_width = room - speed_width - (show_device ? device_width : 0);
  if (progress_width > em() * 6) {
    ImGui::SetCursorPosY(y);
    progress(view, progress_width);
  }
  if (speed_width > 0 && progress_width > 0) {
    ImGui::SetCursorPos({left + progress_width + gap, y});
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(speed.c_str());
    mark(view, "speed");
    times_tooltip(view);
  }
  if (show_device && device_width > 0) {
    ImGui::SetCursorPos({bar_width - buttons - device_width, y});
    ImGui::AlignTextToFramePadding();
    fitted_text(view, device, device_width - gap, theme.dim_text);
    mark(view, "device");
  }
  ImGui::SetCursorPos({bar_width - buttons, y});
  window_buttons(view);
}

void TopBar::run_buttons(const View& view) {
  widgets::Context& w = view.widgets;
  const State state = view.snapshot.state;
  const auto same_line = [] { ImGui::SameLine(0, em() * 0.3f); };

  const bool finished = state == State::Finished && view.last_step > 0;
  ImGui::BeginDisabled(!training::can_pause(state) && !training::can_resume(state) && !finished);
  if (widgets::icon_button(w, "pause", view.playing ? Icon::Pause : Icon::Play,
                           view.playing ? "Pause" : "Play", !view.playing && !finished))
    view.ask(TogglePlay{});
  ImGui::EndDisabled();
  mark(view, "pause");
  widgets::help(w, {.title = view.playing ? "Pause" : "Play",
                    .text = finished ? "All planned steps are done: moves through the recorded ones."
                                     : "Training stops between two steps and goes on from exactly there.",
                    .formula = {},
                    .source = {},
                    .shortcut = "Space"});
  same_line();
  if (finished) {
    replay_speed(view);
    same_line();
  }
  ImGui::BeginDisabled(state != State::Paused);
  if (widgets::icon_button(w, "step", Icon::Step)) view.ask(StepOnce{});
  ImGui::EndDisabled();
  mark(view, "step");
  widgets::help(w, {.title = "One step",
                    .text = "One optimizer step of every member, then paused again.",
                    .formula = {},
                    .source = {},
                    .shortcut = "."});
  same_line();
  if (widgets::icon_button(w, "restart", Icon::Restart)) view.ask(Restart{});
  mark(view, "restart");
  widgets::help(w,
                {.title = "Restart",
                 .text = "From step 0 with the same seeds: the same run again, in a new recording. What was "
                         "recorded so far stays.",
                 .formula = {},
                 .source = {},
                 .shortcut = "R"});
  same_line();
  if (button(view, "new-seed", "New seed")) view.ask(NewSeeds{});
  widgets::help(w, {.title = "New seed",
                    .text = "From step 0 with other initial weights and another order of the data, in a new "
                            "recording.",
                    .formula = {},
                    .source = {},
                    .shortcut = "N"});
  if (state == State::Finished) {
    same_line();
    const std::int64_t further = std::max<std::int64_t>(1, view.snapshot.planned_steps / 2);
    if (primary_button(view, "train-further", fmt::format("Train {} further", shown_steps(further))))
      view.ask(ContinueTraining{further});
    widgets::help(w, "All planned steps are done. Goes on in the same recording.");
  }
}

void TopBar::replay_buttons(const View& view) {
  widgets::Context& w = view.widgets;
  const auto same_line = [] { ImGui::SameLine(0, em() * 0.3f); };
  ImGui::BeginDisabled(view.last_step == 0);
  if (widgets::icon_button(w, "pause", view.playing ? Icon::Pause : Icon::Play,
                           view.playing ? "Pause" : "Play", !view.playing))
    view.ask(TogglePlay{});
  ImGui::EndDisabled();
  mark(view, "pause");
  widgets::help(w, {.title = "Play the recording",
                    .text = "Moves through the recorded steps. Nothing is trained.",
                    .formula = {},
                    .source = {},
                    .shortcut = "Space"});
  same_line();
  replay_speed(view);
  same_line();
  ImGui::BeginDisabled(view.snapshot.state == State::Preparing || view.snapshot.state == State::Failed);
  const bool finished = view.snapshot.state == State::Finished;
  if (button(view, "continue-training", "Continue training"))
    view.ask(ContinueTraining{finished ? std::max<std::int64_t>(1, view.snapshot.planned_steps / 2) : 0});
  ImGui::EndDisabled();
  widgets::help(w, finished ? "Trains half of the planned steps further, in the same recording."
                            : "Goes on from the last checkpoint to the planned end, in the same recording.");
}

void TopBar::replay_speed(const View& view) {
  static const std::vector<std::string> names = {"1/4x", "1/2x", "1x", "2x", "4x", "8x"};
  static constexpr std::array factors = {0.25, 0.5, 1.0, 2.0, 4.0, 8.0};
  const auto current = std::ranges::find(factors, view.replay_speed) - factors.begin();
  if (const auto chosen = combo(view, "replay-speed", names, static_cast<int>(current), em() * 4.2f))
    view.ask(ReplaySpeed{factors[static_cast<std::size_t>(*chosen)]});
  widgets::help(view.widgets, "Speed of the replay: at 1x a whole recording takes half a minute.");
}

void TopBar::progress(const View& view, float width) {
  const training::Snapshot& s = view.snapshot;
  const widgets::Theme& theme = view.widgets.theme;
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetFrameHeight();
  ImGui::InvisibleButton("##progress", {width, height});
  mark(view, "progress");
  std::string text = fmt::format("step {} of {}", shown_steps(view.step), shown_steps(s.planned_steps));
  if (s.planned_steps == 0) text = "";
  view.readings["member"] = view.member ? view.member->name : "";
  view.readings["flipped"] = view.flipped ? "yes" : "no";
  view.readings["step"] = std::to_string(view.step);
  if (view.flipped && view.member)
    text += " · shows " + view.member->name;
  else if (view.following)
    text += seconds_left(s);
  else if (view.live)
    text += fmt::format(" · newest {}", shown_steps(view.last_step));
  times_tooltip(view);

  ImDrawList* list = ImGui::GetWindowDrawList();
  const float bar = em() * 0.3f;
  const float bar_top = origin.y + height - bar - em() * 0.1f;
  widgets::push_font(view.widgets.fonts.small);
  const float text_height = ImGui::GetFontSize();
  list->PushClipRect(origin, {origin.x + width, origin.y + height}, true);
  list->AddText({origin.x, bar_top - text_height - em() * 0.15f},
                to_u32(view.flipped ? theme.accent : theme.text), text.c_str());
  list->PopClipRect();
  ImGui::PopFont();
  list->AddRectFilled({origin.x, bar_top}, {origin.x + width, bar_top + bar}, to_u32(theme.raised), bar / 2);
  const auto share = [&](std::int64_t step) {
    const double part =
        s.planned_steps > 0 ? static_cast<double>(step) / static_cast<double>(s.planned_steps) : 0;
    return origin.x + width * static_cast<float>(std::clamp(part, 0.0, 1.0));
  };
  if (view.last_step > 0)
    list->AddRectFilled({origin.x, bar_top}, {share(view.last_step), bar_top + bar},
                        to_u32(theme.accent.with_alpha(view.following ? 1.f : 0.4f)), bar / 2);
  if (!view.following && view.step > 0)
    list->AddRectFilled({origin.x, bar_top}, {share(view.step), bar_top + bar}, to_u32(theme.accent),
                        bar / 2);
}

void TopBar::window_buttons(const View& view) {
  widgets::Context& w = view.widgets;
  if (widgets::icon_button(w, "open", Icon::Folder)) view.ask(ShowOpenDialog{});
  mark(view, "open");
  widgets::help(w, {.title = "Open",
                    .text = "A study or a recording. Files can also be dropped on the window.",
                    .formula = {},
                    .source = {},
                    .shortcut = "Ctrl + O"});
  ImGui::SameLine();
  // A half-filled disc: dark and light.
  const float side = ImGui::GetFrameHeight();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  if (ImGui::Button("##theme", {side, side})) view.ask(ToggleTheme{});
  mark(view, "theme");
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 center = {origin.x + side / 2, origin.y + side / 2};
  const float radius = side * 0.24f;
  const ImU32 ink = to_u32(w.theme.text);
  list->AddCircle(center, radius, ink, 24, std::max(1.f, w.scale * 1.3f));
  constexpr float quarter = 1.5707963f;
  list->PathArcTo(center, radius, -quarter, quarter, 16);
  list->PathFillConvex(ink);
  widgets::help(w, {.title = "Light or dark",
                    .text = "The colours of the window. Text size: Ctrl and + or -.",
                    .formula = {},
                    .source = {},
                    .shortcut = "D"});
  ImGui::SameLine();
  if (ImGui::Button("?##help", {side, side})) view.ask(ToggleHelp{});
  mark(view, "help");
  widgets::help(w,
                {.title = "Keyboard shortcuts", .text = {}, .formula = {}, .source = {}, .shortcut = "F1"});
}

} // namespace plateau::window
