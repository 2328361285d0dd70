#include "app/window/frame_statistics.h"

#include <algorithm>

#include <fmt/format.h>

namespace plateau::window {

void FrameStatistics::waited(double wanted, double slept) {
  latest_ = std::max(latest_, slept - wanted);
}

void FrameStatistics::drawn(double seconds, double without_rendering) {
  durations_.push_back(static_cast<float>(seconds));
  described_.push_back(static_cast<float>(without_rendering));
}

std::string FrameStatistics::summary() const {
  if (durations_.empty()) return "no frames";
  auto all = durations_, described = described_;
  std::ranges::sort(all);
  std::ranges::sort(described);
  const auto at = [](const auto& sorted, double share) {
    return 1000 * sorted[std::size_t(share * double(sorted.size() - 1))];
  };
  return fmt::format("{} frames, drawn in {:.1f} ms (median), {:.1f} ms (99 %), {:.1f} ms (longest), of it "
                     "{:.1f}, {:.1f}, {:.1f} ms before OpenGL; woke at most {:.1f} ms too late",
                     all.size(), at(all, 0.5), at(all, 0.99), at(all, 1), at(described, 0.5),
                     at(described, 0.99), at(described, 1), 1000 * latest_);
}

} // namespace plateau::window
