#include "engine/analysis/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

RobustMeans robust_means(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto count = values.size(), cut = count / 20;
  const auto mean_of = [&](std::size_t begin, std::size_t end) {
    return std::accumulate(values.begin() + std::ptrdiff_t(begin), values.begin() + std::ptrdiff_t(end),
                           0.0) /
           double(end - begin);
  };
  return {mean_of(0, count), median(values), mean_of(cut, count - cut)};
}

Moments moments(std::span<const double> values) {
  const double count = double(values.size());
  Moments result;
  for (const double value : values) result.mean += value / count;
  double m2 = 0, m3 = 0, m4 = 0;
  for (const double value : values) {
    const double d = value - result.mean;
    m2 += d * d / count;
    m3 += d * d * d / count;
    m4 += d * d * d * d / count;
  }
  result.deviation = std::sqrt(m2);
  result.skew = m3 / std::pow(m2, 1.5);
  result.kurtosis = m4 / (m2 * m2) - 3;
  return result;
}

double quantile(std::span<const double> ascending, double share) {
  if (ascending.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = share * double(ascending.size() - 1);
  const auto below = std::size_t(place);
  const auto above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], place - double(below));
}

double pearson(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto a = moments(x), b = moments(y);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - a.mean) * (y[i] - b.mean);
  return sum / double(x.size()) / (a.deviation * b.deviation);
}

namespace {

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (auto i = begin; i < end; ++i) rank[order[i]] = double(begin + end - 1) / 2;
  }
  return rank;
}

} // namespace

double spearman(std::span<const double> x, std::span<const double> y) {
  return pearson(ranks(x), ranks(y));
}

} // namespace plateau::analysis
