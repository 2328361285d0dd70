// Tests of samples against distributions.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace statistics {

inline double normal_cdf(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

/// Regularised lower incomplete gamma function, P(G <= x) for a gamma variable of shape k and scale 1 (power
/// series).
inline double gamma_cdf(double k, double x) {
  if (x <= 0) return 0;
  double term = std::exp(k * std::log(x) - x - std::lgamma(k + 1)), sum = 0;
  for (int n = 1; term > 1e-17 * sum; ++n) {
    sum += term;
    term *= x / (k + n);
  }
  return std::min(sum, 1.0);
}

/// Kolmogorov and Smirnov's statistic times the root of the sample's size: above 1.63 in 1 of 100 cases,
/// above 1.95 in 1 of 1000.
template<class Distribution> double kolmogorov_smirnov(std::vector<double> sample, Distribution cdf) {
  std::sort(sample.begin(), sample.end());
  const auto size = static_cast<double>(sample.size());
  double largest = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = cdf(sample[i]);
    largest = std::max(
        {largest, expected - static_cast<double>(i) / size, static_cast<double>(i + 1) / size - expected});
  }
  return largest * std::sqrt(size);
}

/// The same of two samples: above 1.95 in 1 of 1000 cases if they are from one distribution.
inline double kolmogorov_smirnov(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  double largest = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    a[i] <= b[j] ? ++i : ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / m - static_cast<double>(j) / n));
  }
  return largest * std::sqrt(m * n / (m + n));
}

} // namespace statistics
