#include <algorithm>
#include <cmath>
#include <limits>

#include <torch/torch.h>

#include "engine/probes/in_context.h"

namespace plateau::probes {
namespace {

using torch::Tensor;

Tensor exact(const Tensor& tensor) {
  return tensor.to(torch::kCPU, torch::kFloat64);
}

} // namespace

std::vector<double> spectrum(const Tensor& rows) {
  const auto x = exact(rows);
  const auto products = x.t().matmul(x);
  if (!products.isfinite().all().item<bool>())
    return std::vector<double>(std::size_t(x.size(1)), std::numeric_limits<double>::quiet_NaN());
  const auto ascending = torch::linalg_eigvalsh(products).clamp_min(0).contiguous();
  const double* begin = ascending.data_ptr<double>();
  std::vector<double> eigenvalues(begin, begin + ascending.numel());
  std::reverse(eigenvalues.begin(), eigenvalues.end());
  return eigenvalues;
}

double effective_rank(std::span<const double> eigenvalues) {
  double sum = 0, entropy = 0;
  for (const double value : eigenvalues) sum += value;
  if (sum == 0) return 0;
  for (const double value : eigenvalues)
    if (const double p = value / sum; p != 0) entropy -= p * std::log(p);
  return std::exp(entropy);
}

double stable_rank(std::span<const double> eigenvalues) {
  double squares = 0, largest = 0;
  for (const double value : eigenvalues) {
    squares += value * value;
    largest = std::max(largest, value);
  }
  if (squares == 0) return 0;
  return std::sqrt(squares) / largest;
}

double pairwise_cosine(const Tensor& rows) {
  const auto x = exact(rows);
  const auto lengths = x.norm(2, {1}, true);
  const auto units = torch::where(lengths == 0, torch::zeros_like(x), x / lengths);
  // |sum u|^2 = sum |u_i|^2 + what is between different rows
  const auto n = double(x.size(0));
  const auto between = units.sum(0).square().sum() - units.square().sum();
  return between.item<double>() / (n * (n - 1));
}

double logit_deviation(const Tensor& logits) {
  return exact(logits).std(-1, false).mean().item<double>();
}

double answer_share(const Tensor& logits, const Tensor& labels) {
  const auto asked = labels >= 0;
  const auto right = (logits.argmax(-1) == labels).logical_and(asked);
  return right.sum().item<double>() / asked.sum().item<double>();
}

double cross_entropy(const Tensor& logits, const Tensor& targets) {
  const auto known = targets.to(torch::kCPU) >= 0;
  const auto chosen =
      exact(logits).log_softmax(-1).gather(-1, targets.to(torch::kCPU).clamp_min(0).unsqueeze(-1));
  return -chosen.squeeze(-1).masked_select(known).mean().item<double>();
}

} // namespace plateau::probes
