// Per weight group G (W_Q, W_K, W_V, W_O, mlp per layer; embedding, readout):
//   gradient/G       |dL/dW|_2 (Frobenius)      gradient-mean/G  mean |dL/dW| (the paper's measure, eureka.md
//   5) weight/G         |W|_2 (Frobenius)
// The gradient is that of the last training batch, before any re-scaling.
#include <cmath>

#include "engine/probes/probe.h"

namespace plateau::probes {

void group_norms(const std::vector<models::WeightGroup>& groups, NormOf what, Output& output) {
  const torch::NoGradGuard no_grad;
  struct Sums {
    double squares = 0, magnitudes = 0, count = 0;
  };
  std::vector<std::pair<std::string, Sums>> joined; // in the model's order
  for (const auto& group : groups) {
    const auto whole = what == NormOf::Gradient ? group.weight.grad() : group.weight.detach();
    if (!whole.defined()) continue;
    const auto part = whole.narrow(0, group.begin, group.rows);
    const auto name = group.layer > 0 ? metric_name(group.name, group.layer) : group.name;
    if (joined.empty() || joined.back().first != name) joined.push_back({name, {}});
    auto& sums = joined.back().second;
    const auto magnitude = part.abs();
    const auto both = torch::stack({(part * part).sum(), magnitude.sum()}).to(torch::kCPU);
    sums.squares += both[0].item<double>();
    sums.magnitudes += both[1].item<double>();
    sums.count += double(part.numel());
  }
  for (const auto& [name, sums] : joined) {
    output.add((what == NormOf::Gradient ? "gradient/" : "weight/") + name, std::sqrt(sums.squares));
    if (what == NormOf::Gradient) output.add("gradient-mean/" + name, sums.magnitudes / sums.count);
  }
}

} // namespace plateau::probes
