#include "app/window/frame_pacer.h"

#include <algorithm>

namespace plateau::window {

void FramePacer::input(double now) {
  pending_ = frames_per_event;
  last_input_ = now;
}

void FramePacer::data() {
  pending_ = std::max(pending_, frames_per_event);
}

void FramePacer::animation(double now) {
  pending_ = std::max(pending_, 1);
  if (focused_) last_input_ = now;
}

double FramePacer::interval(double now) const {
  const bool active = now - last_input_ < active_period;
  if (active) return 1 / rates_.active;
  const double rate = focused_ ? std::min(rates_.data, rates_.active) : rates_.unfocused;
  return std::max(1 / rate, cost_ / largest_share);
}

bool FramePacer::due(double now) const {
  // 1 ms of grace: sleeping a last fraction of a millisecond costs more than it saves.
  return pending_ > 0 && !iconified_ && now - last_frame_ >= interval(now) - 1e-3;
}

double FramePacer::wait(double now, double idle_wait) const {
  if (pending_ == 0 || iconified_) return idle_wait;
  return std::clamp(last_frame_ + interval(now) - now, 0.0, idle_wait);
}

void FramePacer::drawn(double now, double cost) {
  // One slow frame (a first use of a texture, a busy machine) does not count for much.
  cost_ += 0.2 * (std::min(cost, 1.0) - cost_);
  last_frame_ = now;
  pending_ = std::max(0, pending_ - 1);
  if (now - last_input_ < rest_period) pending_ = std::max(pending_, 1);
}

} // namespace plateau::window
