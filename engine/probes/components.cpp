// Weights and context component of the representation (icl-plateaus.md 5.3). h_l is the state of a token
// after block l; w_l the state when every block's attention output is replaced by its own normalised input,
// so that no information moves between tokens; c_l = h_l - w_l what attention adds. Averages over tokens and
// samples:
//   weights-norm |w_l|,  context-norm |c_l|,  cosine cos(w_l, c_l)
//   context-share Var(c_l) / Var(h_l), variances over tokens and samples, summed over channels
#include "engine/probes/probe.h"

namespace plateau::probes {

void components(const models::Activations& full, const models::Activations& weights_only, Output& output) {
  if (full.hidden.empty()) return;
  const torch::NoGradGuard no_grad;
  const auto stacked = [](const std::vector<torch::Tensor>& layers) {
    return torch::stack(layers).flatten(1, 2).to(torch::kFloat64); // [L, B N, d]
  };
  const auto h = stacked(full.hidden), w = stacked(weights_only.hidden), c = h - w;
  const auto w_norm = w.norm(2, -1), c_norm = c.norm(2, -1); // [L, B N]
  const auto cosine = (w * c).sum(-1) / (w_norm * c_norm).clamp_min(1e-30);
  const auto variance = [](const torch::Tensor& x) { return (x - x.mean(1, true)).square().sum({1, 2}); };
  const auto share = variance(c) / variance(h).clamp_min(1e-30);
  const auto values = torch::stack({w_norm.mean(1), c_norm.mean(1), cosine.mean(1), share}, 1)
                          .to(torch::kCPU)
                          .contiguous(); // [L, 4]
  const double* value = values.data_ptr<double>();
  for (int layer = 1; layer <= int(values.size(0)); ++layer, value += 4) {
    output.add(metric_name("component/weights-norm", layer), value[0]);
    output.add(metric_name("component/context-norm", layer), value[1]);
    output.add(metric_name("component/cosine", layer), value[2]);
    output.add(metric_name("component/context-share", layer), value[3]);
  }
}

} // namespace plateau::probes
