#include "app/window/frame_statistics.h"

#include <algorithm>

#include <fmt/format.h>

namespace plateau::window {

void FrameStatistics::waited(double wanted, double slept) {
  latest_ = std::max(latest_, slept - wanted);
}

void FrameStatistics::drawn(double seconds) {
  durations_.push_back(static_cast<float>(seconds));
}

std::string FrameStatistics::summary() const {
  if (durations_.empty()) return "no frames";
  auto sorted = durations_;
  std::ranges::sort(sorted);
  const auto at = [&](double share) { return 1000 * sorted[std::size_t(share * double(sorted.size() - 1))]; };
  return fmt::format(
      "{} frames, drawn in {:.1f} ms (median), {:.1f} ms (99 %), {:.1f} ms (longest); woke at most "
      "{:.1f} ms too late",
      sorted.size(), at(0.5), at(0.99), at(1), 1000 * latest_);
}

} // namespace plateau::window
