// Robust statistics on short windows of a curve.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace plateau::analysis {

/// Of the finite values: NaN for none, the mean of the middle two for an even number.
double median(std::vector<double> values);

/// Theil-Sen: the median slope over all pairs with different x. 0 if there are none. O(n^2).
double robust_slope(std::span<const double> x, std::span<const double> y);

/// Standard deviation of the noise around a slowly changing curve, from the differences of neighbours:
/// 1.4826 median|d - median(d)| / sqrt(2). 0 for fewer than three values.
double noise_level(std::span<const double> values);

} // namespace plateau::analysis
