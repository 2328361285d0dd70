#include "app/window/live_run.h"

namespace plateau::window {

LiveRun::LiveRun(training::TrainerOptions options)
    : trainer_(options), loader_(options.recording, true, options.wake) {}

std::shared_ptr<const training::TensorFrame> LiveRun::newest_at(int member, std::int64_t step) const {
  const auto snapshot = trainer_.latest();
  const auto& members = snapshot->members;
  if (member >= 0 && static_cast<std::size_t>(member) < members.size()) {
    const auto& newest = members[static_cast<std::size_t>(member)].frame;
    if (newest && newest->step <= step) return newest;
  }
  return nullptr;
}

std::shared_ptr<const training::TensorFrame> LiveRun::frame_at(int member, std::int64_t step) {
  const auto newest = newest_at(member, step);
  return newest ? newest : loader_.frame_at(member, step);
}

bool LiveRun::is_reading(int member, std::int64_t step) {
  return !newest_at(member, step) && loader_.is_reading(member, step);
}

} // namespace plateau::window
