#include <algorithm>

#include "engine/probes/probe.h"

namespace plateau::probes {

void attention_maps(const models::Activations& activations, const torch::Tensor& logits,
                    std::int64_t map_samples, Output& output) {
  const torch::NoGradGuard no_grad;
  const auto kept = std::min(map_samples, logits.size(0));
  output.add("attention/predictions", torch::softmax(logits.slice(0, 0, kept), -1));
  if (activations.attention.empty()) return;
  std::vector<torch::Tensor> maps, means;
  for (const auto& layer : activations.attention) { // [B, H, N, N]
    maps.push_back(layer.slice(0, 0, kept));
    means.push_back(layer.mean(0));
  }
  output.add("attention/maps", torch::stack(maps, 1));
  output.add("attention/mean", torch::stack(means, 0));
}

} // namespace plateau::probes
