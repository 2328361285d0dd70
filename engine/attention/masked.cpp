#include "engine/attention/masked.h"

#include "engine/attention/rows.h"

namespace plateau::attention {

torch::Tensor hide_scores(const torch::Tensor& z, const torch::Tensor& visible) {
  return visible.defined() ? z.masked_fill(visible.logical_not(), hidden_score) : z;
}

torch::Tensor hide_weights(const torch::Tensor& a, const torch::Tensor& visible) {
  return visible.defined() ? a.masked_fill(visible.logical_not(), 0) : a;
}

torch::Tensor masked_softmax(const torch::Tensor& z, const torch::Tensor& visible) {
  return hide_weights(torch::softmax(hide_scores(z, visible), -1), visible);
}

torch::Tensor softmax_weights(const torch::Tensor& scores, const Layer& layer) {
  return masked_softmax(scores / layer.scale.tau, layer.visible);
}

std::vector<double> softmax_weights_row(const Row& row) {
  return softmax_row(row.scores, row.options.tau);
}

std::vector<double> softmax_weights_jacobian(const Row& row) {
  return softmax_jacobian(softmax_weights_row(row), row.options.tau);
}

torch::Tensor visible_counts(const torch::Tensor& scores, const torch::Tensor& visible) {
  if (!visible.defined())
    return torch::full({1}, double(scores.size(-1)), scores.options().requires_grad(false));
  return visible.sum(-1, true).clamp_min(1).to(scores.scalar_type());
}

} // namespace plateau::attention
