// The normal distribution, to compare samples with.
#pragma once

#include <span>

namespace plateau::analysis {

struct Normal {
  double mean = 0, deviation = 1;
  double density(double x) const;
  double quantile(double p) const;
};

/// Mean and standard deviation (n - 1) of a sample; NaN without enough values.
Normal fit_normal(std::span<const float> values);

/// The z below which a standard normal variable lies with probability `p`; infinite at 0 and 1.
double normal_quantile(double p);

} // namespace plateau::analysis
