#include "engine/attention/rows.h"

#include <algorithm>
#include <cmath>

namespace plateau::attention {

std::vector<double> softmax_row(std::span<const double> scores, double tau) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> weights(scores.size());
  double sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) sum += weights[i] = std::exp((scores[i] - largest) / tau);
  for (double& weight : weights) weight /= sum;
  return weights;
}

std::vector<double> softmax_jacobian(std::span<const double> a, double tau) {
  const std::size_t n = a.size();
  std::vector<double> jacobian(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) jacobian[i * n + j] = ((i == j ? a[i] : 0.0) - a[i] * a[j]) / tau;
  return jacobian;
}

std::vector<double> each(std::span<const double> scores, const std::function<double(double)>& f) {
  std::vector<double> result;
  for (const double score : scores) result.push_back(f(score));
  return result;
}

std::vector<double> diagonal(std::span<const double> slopes) {
  const std::size_t n = slopes.size();
  std::vector<double> jacobian(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) jacobian[i * n + i] = slopes[i];
  return jacobian;
}

void scale_columns(std::vector<double>& jacobian, std::span<const double> factors) {
  for (std::size_t i = 0; i < jacobian.size(); ++i) jacobian[i] *= factors[i % factors.size()];
}

void scale_rows(std::vector<double>& jacobian, std::span<const double> factors) {
  for (std::size_t i = 0; i < jacobian.size(); ++i) jacobian[i] *= factors[i / factors.size()];
}

} // namespace plateau::attention
