// How attention mixes the operands (grokking.md 1.6, 4.5), over a batch of equations:
//   features/entropy            H = −Σ_j w_j ln w_j of w = the heads' mean weights, mean over rows and batch
//   features/entropy-per-head   H of each head's last row, mean over heads and batch
//   features/attention          [heads, positions] mean weights of the last row, the layers' heads one after
//                               another
// Both entropies are means over layers, at most ln N. Weights that are no probabilities: |w| / Σ |w|, as for
// saturation.
#include "engine/probes/features.h"

namespace plateau::probes {
namespace {

/// Mean of −Σ_j w_j ln w_j over rows [..., N].
double mean_entropy(const torch::Tensor& rows) {
  return -(rows * rows.clamp_min(1e-30).log()).sum(-1).mean().item<double>();
}

} // namespace

void operand_attention(const std::vector<torch::Tensor>& attention, Output& output) {
  if (attention.empty() || attention.front().size(0) == 0) return;
  double joint = 0, per_head = 0;
  std::vector<torch::Tensor> last_rows;
  for (const auto& layer : attention) {
    const auto weights = layer.detach().to(torch::kCPU, torch::kFloat64);
    const auto size = weights.abs();
    const auto shares = size / size.sum(-1, true).clamp_min(1e-30);
    const auto last = shares.select(2, shares.size(2) - 1); // [B, H, N]
    joint += mean_entropy(shares.mean(1));
    per_head += mean_entropy(last);
    last_rows.push_back(weights.select(2, weights.size(2) - 1).mean(0));
  }
  output.add("features/entropy", joint / double(attention.size()));
  output.add("features/entropy-per-head", per_head / double(attention.size()));
  output.tensors["features/attention"] = plain(torch::cat(last_rows));
}

} // namespace plateau::probes
