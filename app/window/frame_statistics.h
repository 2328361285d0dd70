// How long frames take and how late they come, for the log: proof that training does not hold up drawing.
#pragma once

#include <string>
#include <vector>

namespace plateau::window {

class FrameStatistics {
public:
  /// The loop meant to sleep for at most `wanted` seconds and slept for `slept`.
  void waited(double wanted, double slept);
  /// A frame took this long in all, and without what OpenGL took to put it on the screen.
  void drawn(double seconds, double without_rendering);

  /// "1203 frames, drawn in 7.4 ms (median), 9.1 ms (99 %), 21.0 ms (longest), of it 4.1, 5.0, 9.2 ms before
  /// OpenGL; woke at most 3.0 ms too late".
  std::string summary() const;

private:
  std::vector<float> durations_, described_; // seconds; a frame is 33 ms or more apart: 800 kB an hour
  double latest_ = 0;                        // seconds beyond the wanted sleep
};

} // namespace plateau::window
