#include "engine/analysis/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plateau::analysis {

double median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double robust_slope(std::span<const double> x, std::span<const double> y) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = i + 1; j < x.size(); ++j)
      if (x[i] != x[j]) slopes.push_back((y[j] - y[i]) / (x[j] - x[i]));
  return slopes.empty() ? 0 : median(std::move(slopes));
}

double noise_level(std::span<const double> values) {
  if (values.size() < 3) return 0;
  std::vector<double> differences;
  for (std::size_t i = 1; i < values.size(); ++i) differences.push_back(values[i] - values[i - 1]);
  const double drift = median(differences);
  for (auto& difference : differences) difference = std::abs(difference - drift);
  return 1.4826 * median(std::move(differences)) / std::sqrt(2.0);
}

} // namespace plateau::analysis
