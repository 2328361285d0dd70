#include "engine/analysis/normal.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace plateau::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

} // namespace

Normal fit_normal(std::span<const float> values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const float value : values) sum += value;
  const double mean = values.empty() ? nan : sum / n;
  for (const float value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() < 2 ? nan : std::sqrt(squares / (n - 1))};
}

double Normal::density(double x) const {
  const double z = (x - mean) / deviation;
  return std::exp(-z * z / 2) / (deviation * std::sqrt(2 * std::numbers::pi));
}

double Normal::quantile(double p) const {
  return mean + deviation * normal_quantile(p);
}

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return nan;
  if (p > 0.5) return -normal_quantile(1 - p);
  if (p == 0) return -std::numeric_limits<double>::infinity();
  // Abramowitz and Stegun 26.2.23 to three digits, then Newton's method, which doubles them each time.
  const double t = std::sqrt(-2 * std::log(p));
  double z =
      (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (int i = 0; i < 3; ++i) {
    const double below = std::erfc(-z / std::numbers::sqrt2) / 2;
    z -= (below - p) / Normal{0, 1}.density(z);
  }
  return z;
}

} // namespace plateau::analysis
