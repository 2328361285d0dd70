// Per weight group G (W_Q, W_K, W_V, W_O, mlp per layer; embedding, readout):
//   gradient/G       |dL/dW|_2 (Frobenius)      gradient-mean/G  mean |dL/dW| (the paper's measure, eureka.md
//   5) weight/G         |W|_2 (Frobenius)
// The gradient is that of the last training batch, before any re-scaling.
#include <cmath>

#include "engine/probes/probe.h"

namespace plateau::probes {

void group_norms(const std::vector<models::WeightGroup>& groups, NormOf what, Output& output) {
  const torch::NoGradGuard no_grad;
  std::vector<std::string> names; // of the parts, in the model's order
  std::vector<double> counts;
  std::vector<torch::Tensor> parts; // [2] each: sum of squares, sum of magnitudes
  for (const auto& group : groups) {
    const auto whole = what == NormOf::Gradient ? group.weight.grad() : group.weight.detach();
    if (!whole.defined()) continue;
    const auto part = whole.narrow(0, group.begin, group.rows);
    names.push_back(group.layer > 0 ? metric_name(group.name, group.layer) : group.name);
    counts.push_back(double(part.numel()));
    parts.push_back(torch::stack({part.norm().square(), part.norm(1)}));
  }
  if (parts.empty()) return;
  const auto numbers = plain(torch::stack(parts)); // one read from the device
  struct Sums {
    double squares = 0, magnitudes = 0, count = 0;
  };
  std::vector<std::pair<std::string, Sums>> joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (joined.empty() || joined.back().first != names[i]) joined.push_back({names[i], {}});
    auto& sums = joined.back().second;
    sums.squares += numbers->data[2 * i];
    sums.magnitudes += numbers->data[2 * i + 1];
    sums.count += counts[i];
  }
  for (const auto& [name, sums] : joined) {
    output.add((what == NormOf::Gradient ? "gradient/" : "weight/") + name, std::sqrt(sums.squares));
    if (what == NormOf::Gradient) output.add("gradient-mean/" + name, sums.magnitudes / sums.count);
  }
}

} // namespace plateau::probes
