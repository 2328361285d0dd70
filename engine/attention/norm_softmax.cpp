// NormSoftmax divides each row of raw scores by the smaller of tau and the row's own spread. The released
// code uses the population variance; the originally published form the unbiased standard deviation.
// Gradient flows through the spread (eureka.md section 4).
#include <algorithm>
#include <cmath>

#include "engine/attention/variant.h"

namespace plateau::attention {
namespace {

double mean(std::span<const double> row) {
  double sum = 0;
  for (double value : row) sum += value;
  return sum / double(row.size());
}

/// Sum of squared deviations over (n - `freedom`).
double variance(std::span<const double> row, int freedom) {
  const double center = mean(row);
  double sum = 0;
  for (double value : row) sum += (value - center) * (value - center);
  return sum / std::max<double>(1, double(row.size()) - freedom);
}

double divisor(double spread, double tau) {
  return std::min(tau, std::max(spread, smallest_spread));
}

/// d a/d l of a = softmax(l / s(l)): softmax's own Jacobian times d(l / s)/dl = I/s - l (ds/dl)^T / s^2.
std::vector<double> jacobian_through(std::span<const double> scores, double s, std::span<const double> ds) {
  const std::size_t n = scores.size();
  const std::vector<double> a = softmax_row(scores, s);
  double mean_score = 0; // under a
  for (std::size_t i = 0; i < n; ++i) mean_score += a[i] * scores[i];
  std::vector<double> jacobian = softmax_jacobian(a, s);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      jacobian[i * n + j] -= a[i] * (scores[i] - mean_score) * ds[j] / (s * s);
  return jacobian;
}

std::vector<double> variance_jacobian(std::span<const double> scores, Scale scale) {
  const double spread = variance(scores, 0), center = mean(scores);
  std::vector<double> ds(scores.size(), 0.0);
  if (spread < scale.tau && spread > smallest_spread)
    for (std::size_t j = 0; j < ds.size(); ++j) ds[j] = 2 * (scores[j] - center) / double(scores.size());
  return jacobian_through(scores, divisor(spread, scale.tau), ds);
}

std::vector<double> deviation_jacobian(std::span<const double> scores, Scale scale) {
  const double spread = std::sqrt(variance(scores, 1)), center = mean(scores);
  std::vector<double> ds(scores.size(), 0.0);
  if (spread < scale.tau && spread > smallest_spread)
    for (std::size_t j = 0; j < ds.size(); ++j)
      ds[j] = (scores[j] - center) / (double(scores.size() - 1) * spread);
  return jacobian_through(scores, divisor(spread, scale.tau), ds);
}

} // namespace

const Variant norm_softmax{
    {"norm-softmax", "NormSoftmax (variance)",
     "a = softmax(l / min(τ, v)),  v = Var_j(l),  τ = temperature × √d_k",
     "Divides each row by its own variance while that is below τ, so that small scores still make attention "
     "choose. Near-uniform rows are sharpened strongly (their scores' deviation becomes 1/σ).",
     "Hoffmann et al. 2024, released code (norm_softmax)"},
    [](const torch::Tensor& scores, Scale scale) {
      const auto spread = scores.var(-1, /*unbiased=*/false, /*keepdim=*/true);
      return torch::softmax(scores / spread.clamp(smallest_spread, scale.tau), -1);
    },
    [](std::span<const double> scores, Scale scale) {
      return softmax_row(scores, divisor(variance(scores, 0), scale.tau));
    },
    variance_jacobian};

const Variant norm_softmax_std{
    {"norm-softmax-std", "NormSoftmax (standard deviation)",
     "a = softmax(l / min(τ, s)),  s = sd_j(l),  τ = temperature × √d_k",
     "Divides each row by its standard deviation while that is below τ. With n tokens a row's largest "
     "z-score "
     "is √(n−1), so with few tokens this form cannot express sharp attention.",
     "Jiang et al. 2022 (NormSoftmax), as in Hoffmann et al. 2024 (norm_softmax_std)"},
    [](const torch::Tensor& scores, Scale scale) {
      // The root's derivative is infinite at 0, hence the bound on the variance and not on its root.
      const auto spread = scores.var(-1, true, true).clamp_min(smallest_spread * smallest_spread).sqrt();
      return torch::softmax(scores / spread.clamp(smallest_spread, scale.tau), -1);
    },
    [](std::span<const double> scores, Scale scale) {
      return softmax_row(scores, divisor(std::sqrt(variance(scores, 1)), scale.tau));
    },
    deviation_jacobian};

} // namespace plateau::attention
