// NormSoftmax divides each row of raw scores by the smaller of tau and the row's own spread. The released
// code uses the population variance; the originally published form the unbiased standard deviation.
// Gradient flows through the spread (eureka.md section 4).
#include <algorithm>
#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

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

std::vector<double> variance_jacobian(const Row& row) {
  const auto scores = row.scores;
  const double tau = row.options.tau;
  const double spread = variance(scores, 0), center = mean(scores);
  std::vector<double> ds(scores.size(), 0.0);
  if (spread < tau && spread > smallest_spread)
    for (std::size_t j = 0; j < ds.size(); ++j) ds[j] = 2 * (scores[j] - center) / double(scores.size());
  return jacobian_through(scores, divisor(spread, tau), ds);
}

std::vector<double> deviation_jacobian(const Row& row) {
  const auto scores = row.scores;
  const double tau = row.options.tau;
  const double spread = std::sqrt(variance(scores, 1)), center = mean(scores);
  std::vector<double> ds(scores.size(), 0.0);
  if (spread < tau && spread > smallest_spread)
    for (std::size_t j = 0; j < ds.size(); ++j)
      ds[j] = (scores[j] - center) / (double(scores.size() - 1) * spread);
  return jacobian_through(scores, divisor(spread, tau), ds);
}

/// Sum of squared deviations of the visible scores of each row over (n - `freedom`), [B, H, N, 1].
torch::Tensor variance(const torch::Tensor& scores, const torch::Tensor& visible, int freedom) {
  const auto count = visible_counts(scores, visible);
  const auto center = hide_weights(scores, visible).sum(-1, true) / count;
  const auto squares = hide_weights(scores - center, visible).square().sum(-1, true);
  return squares / (count - freedom).clamp_min(1);
}

} // namespace

const Variant norm_softmax{
    .info =
        {.name = "norm-softmax",
         .title = "NormSoftmax (variance)",
         .formula = "a = softmax(l / min(τ, v)),  v = Var_j(l),  τ = temperature × √d_k",
         .description =
             "Divides each row by its own variance while that is below τ, so that small scores still make "
             "attention choose. Near-uniform rows are sharpened strongly (their scores' deviation becomes "
             "1/σ).",
         .source = "Hoffmann et al. 2024, released code (norm_softmax)"},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto spread = variance(scores, layer.visible, 0);
          return masked_softmax(scores / spread.clamp(smallest_spread, layer.scale.tau), layer.visible);
        },
    .row =
        [](const Row& row) {
          return softmax_row(row.scores, divisor(variance(row.scores, 0), row.options.tau));
        },
    .jacobian = variance_jacobian};

const Variant norm_softmax_std{
    .info = {.name = "norm-softmax-std",
             .title = "NormSoftmax (standard deviation)",
             .formula = "a = softmax(l / min(τ, s)),  s = sd_j(l),  τ = temperature × √d_k",
             .description =
                 "Divides each row by its standard deviation while that is below τ. With n tokens a row's "
                 "largest z-score is √(n−1), so with few tokens this form cannot express sharp attention.",
             .source = "Jiang et al. 2022 (NormSoftmax), as in Hoffmann et al. 2024 (norm_softmax_std)"},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          // The root's derivative is infinite at 0, hence the bound on the variance and not on its root.
          const auto spread =
              variance(scores, layer.visible, 1).clamp_min(smallest_spread * smallest_spread).sqrt();
          return masked_softmax(scores / spread.clamp(smallest_spread, layer.scale.tau), layer.visible);
        },
    .row =
        [](const Row& row) {
          return softmax_row(row.scores, divisor(std::sqrt(variance(row.scores, 1)), row.options.tau));
        },
    .jacobian = deviation_jacobian};

} // namespace plateau::attention
