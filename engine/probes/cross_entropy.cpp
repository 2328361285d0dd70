#include "engine/probes/cross_entropy.h"

#include <torch/torch.h>

namespace plateau::probes {

double cross_entropy(const torch::Tensor& logits, const torch::Tensor& targets) {
  const auto labels = targets.to(torch::kCPU);
  const auto logarithms = logits.to(torch::kCPU, torch::kFloat64).log_softmax(-1);
  const auto chosen = logarithms.gather(-1, labels.clamp_min(0).unsqueeze(-1)).squeeze(-1);
  return -chosen.masked_select(labels >= 0).mean().item<double>();
}

} // namespace plateau::probes
