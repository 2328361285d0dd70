// How long frames take and how late they come, for the log: proof that training does not hold up drawing.
#pragma once

#include <string>
#include <vector>

namespace plateau::window {

class FrameStatistics {
public:
  /// The loop meant to sleep for at most `wanted` seconds and slept for `slept`.
  void waited(double wanted, double slept);
  void drawn(double seconds);

  /// "1 203 frames, drawn in 7.4 ms (median), 21 ms (longest); woke at most 3 ms too late".
  std::string summary() const;

private:
  std::vector<float> durations_; // seconds; a frame is 33 ms or more apart, so an hour is 400 kB
  double latest_ = 0;            // seconds beyond the wanted sleep
};

} // namespace plateau::window
