#include "app/window/going_back.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "app/window/overlay_run.h"
#include "engine/study/study.h"
#include "widgets/axis.h"

namespace plateau::window {
using training::Event;

namespace {

std::string shown(std::int64_t step) {
  return widgets::format_step(static_cast<double>(step));
}

/// What keeps both from being done.
std::string obstacle(const training::Snapshot& snapshot, bool live) {
  if (!live) return "this is a recording: choose 'Continue training' to change the run";
  if (!training::can_intervene(snapshot.state)) return "the run is not ready to be changed";
  return {};
}

} // namespace

std::optional<std::int64_t> checkpoint_before(std::span<const std::int64_t> checkpoints, std::int64_t step) {
  const auto after = std::ranges::upper_bound(checkpoints, step);
  if (after == checkpoints.begin()) return std::nullopt;
  return *std::prev(after);
}

std::string rewind_obstacle(const training::Snapshot& snapshot, bool live, std::int64_t step) {
  if (auto why = obstacle(snapshot, live); !why.empty()) return why;
  if (!checkpoint_before(snapshot.checkpoints, step))
    return fmt::format("no checkpoint of all members is kept at or before step {}", shown(step));
  return {};
}

std::string branch_obstacle(const training::Snapshot& snapshot, bool live, const training::MemberView* member,
                            std::int64_t step) {
  if (member && is_beside(member->id)) return only_compared(member->name);
  if (auto why = obstacle(snapshot, live); !why.empty()) return why;
  if (!member) return "the members are still being prepared";
  if (checkpoint_before(member->checkpoints, step)) return {};
  if (member->checkpoints.empty()) return "no checkpoint of " + member->name + " is kept yet";
  const std::string born =
      member->parent >= 0 && step < member->forked_at
          ? fmt::format(": it came into being at step {}", shown(member->forked_at))
          : fmt::format("; the first is that of step {}", shown(member->checkpoints.front()));
  return fmt::format("no checkpoint of {} is kept at or before step {}{}", member->name, shown(step), born);
}

std::string policy_text(const training::Snapshot& snapshot) {
  if (snapshot.members.empty()) return {};
  const auto& training = snapshot.members.front().settings.training;
  const auto most = training.keep_checkpoints;
  std::string text =
      fmt::format("One more every {} steps, the newest {} are kept", shown(training.checkpoint_every), most);
  if (training.checkpoint_at_events)
    text += fmt::format("; one more at events, of which the newest {} are kept", most);
  return text + ". The first, the last and those that something goes on from always stay.";
}

bool is_marked(const Event& event, const std::set<int>& hidden) {
  if (event.kind == Event::Kind::Checkpoint || event.kind == Event::Kind::PlateauBegin ||
      event.kind == Event::Kind::PlateauEnd)
    return false;
  return event.member < 0 || !hidden.contains(event.member);
}

bool is_marked(const recording::Remark& remark, const std::set<int>& hidden) {
  return remark.member < 0 || !hidden.contains(remark.member);
}

std::vector<std::int64_t> event_steps(const training::Snapshot& snapshot,
                                      std::span<const recording::Remark> remarks, const std::set<int>& hidden,
                                      int selected) {
  std::set<std::int64_t> steps;
  for (const Event& event : snapshot.events) {
    const bool plateau = event.kind == Event::Kind::PlateauBegin || event.kind == Event::Kind::PlateauEnd;
    if (is_marked(event, hidden) || (plateau && event.member == selected)) steps.insert(event.step);
  }
  for (const auto& remark : remarks)
    if (is_marked(remark, hidden)) steps.insert(remark.step);
  return {steps.begin(), steps.end()};
}

} // namespace plateau::window
