// Internal: what is counted where LASER reads.
#pragma once

namespace plateau::attention {

/// Numbers of a LASER read, for its probe.
struct ReadCounts {
  double zeros = 0;      // sums that were 0 before the logarithm
  double non_finite = 0; // outputs
  double entries = 0;    // of each
};

} // namespace plateau::attention
