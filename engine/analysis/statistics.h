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

/// Of values with a heavy tail, where a few decide the mean.
struct RobustMeans {
  double mean = 0, median = 0, trimmed = 0; // trimmed: without the largest and the smallest twentieth
};
RobustMeans robust_means(std::vector<double> values);

/// Central moments of a sample: standard deviation (of n), skewness m3 / m2^1.5, excess kurtosis m4 / m2^2
/// - 3.
struct Moments {
  double mean = 0, deviation = 0, skew = 0, kurtosis = 0;
};
Moments moments(std::span<const double> values);

/// The value below which this share of an ascending sample lies, linear between neighbours.
double quantile(std::span<const double> ascending, double share);

/// Rank correlation; equal values share their mean rank. NaN for fewer than two points.
double spearman(std::span<const double> x, std::span<const double> y);
double pearson(std::span<const double> x, std::span<const double> y);

} // namespace plateau::analysis
