#include <algorithm>
#include <cmath>

#include "engine/attention/variant.h"

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

const Variant softmax{
    {"softmax", "Softmax", "a = softmax(l / τ),  l = q·k,  τ = temperature × √d_k",
     "The standard. Its Jacobian (diag a − a aᵀ)/τ vanishes at both ends: a row that is uniform over n "
     "tokens "
     "passes on 1/n of the signal, a one-hot row none. Temperature below 1 sharpens, above 1 flattens.",
     "Vaswani et al. 2017; temperature: Hoffmann et al. 2024 (Eureka-moments), section 4"},
    [](const torch::Tensor& scores, Scale scale) { return torch::softmax(scores / scale.tau, -1); },
    [](std::span<const double> scores, Scale scale) { return softmax_row(scores, scale.tau); },
    [](std::span<const double> scores, Scale scale) {
      return softmax_jacobian(softmax_row(scores, scale.tau), scale.tau);
    }};

} // namespace plateau::attention
