#include <torch/torch.h>

#include "engine/probes/in_context.h"

namespace plateau::probes {
namespace {

using torch::Tensor;

Tensor exact(const Tensor& tensor) {
  return tensor.to(torch::kCPU, torch::kFloat64);
}

} // namespace

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

} // namespace plateau::probes
