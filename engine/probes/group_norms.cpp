// Per weight group G (W_Q, W_K, W_V, W_O, mlp per layer; embedding, readout):
//   gradient/G       |dL/dW|_2 (Frobenius)
//   gradient-mean/G  mean |dL/dW| (the paper's measure, eureka.md 5)
//   weight/G         |W|_2 (Frobenius)
// The gradient is that of the last training batch, before any re-scaling.
#include <cmath>

#include "engine/fused/kernels.h"
#include "engine/probes/probe.h"

namespace plateau::probes {

void group_norms(const std::vector<models::WeightGroup>& groups, NormOf what, Output& output) {
  const torch::NoGradGuard no_grad;
  struct Part {
    std::string name;
    double squares = 0, magnitudes = 0, count = 0;
  };
  std::vector<Part> parts;            // in the model's order
  std::vector<torch::Tensor> pending; // [2] each, of parts on a device: read at once
  for (const auto& group : groups) {
    const auto whole = what == NormOf::Gradient ? group.weight.grad() : group.weight.detach();
    if (!whole.defined()) continue;
    const auto rows = whole.narrow(0, group.begin, group.rows);
    Part part{group.layer > 0 ? metric_name(group.name, group.layer) : group.name, 0, 0,
              double(rows.numel())};
    if (rows.device().is_cpu() && rows.is_contiguous() && rows.scalar_type() == torch::kFloat32) {
      const auto norms = fused::norms(rows.data_ptr<float>(), rows.numel());
      part.squares = norms.squares;
      part.magnitudes = norms.magnitudes;
    } else {
      pending.push_back(torch::stack({rows.norm().square(), rows.norm(1)}).to(torch::kFloat64));
    }
    parts.push_back(std::move(part));
  }
  if (!pending.empty()) { // all of them: a model stands on one device
    const auto numbers = plain(torch::stack(pending));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].squares = numbers->data[2 * i];
      parts[i].magnitudes = numbers->data[2 * i + 1];
    }
  }
  std::vector<Part> joined;
  for (const auto& part : parts) {
    if (joined.empty() || joined.back().name != part.name) joined.push_back({part.name});
    joined.back().squares += part.squares;
    joined.back().magnitudes += part.magnitudes;
    joined.back().count += part.count;
  }
  for (const auto& part : joined) {
    output.add((what == NormOf::Gradient ? "gradient/" : "weight/") + part.name, std::sqrt(part.squares));
    if (what == NormOf::Gradient) output.add("gradient-mean/" + part.name, part.magnitudes / part.count);
  }
}

} // namespace plateau::probes
