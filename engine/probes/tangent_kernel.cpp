// The neural tangent kernel of the summed logits (grokking.md 1.6): K_ij = g_i · g_j,  g_i = ∂ Σ_c z_c(x_i) /
// ∂θ.
//   features/kernel-drift   |K_t − K_0|_F / |K_0|_F
#include <algorithm>

#include "engine/probes/features.h"

namespace plateau::probes {
namespace {

constexpr std::int64_t columns_at_once = 1 << 14; // that are turned to float64

} // namespace

torch::Tensor tangent_kernel(models::Model& model, const torch::Tensor& inputs,
                             const models::ForwardOptions& options) {
  std::vector<torch::Tensor> parameters, rows;
  for (const auto& parameter : model.parameters())
    if (parameter.requires_grad()) parameters.push_back(parameter);
  {
    const torch::AutoGradMode with_gradients(true);
    for (std::int64_t i = 0; i < inputs.size(0); ++i) {
      const auto sum = model.forward(inputs.narrow(0, i, 1), options).sum();
      // Norms that are not in use have no gradient.
      auto gradients = torch::autograd::grad({sum}, parameters, {}, {}, false, true);
      for (std::size_t k = 0; k < parameters.size(); ++k)
        gradients[k] = gradients[k].defined()
                           ? gradients[k].reshape({-1})
                           : torch::zeros({parameters[k].numel()}, parameters[k].options());
      rows.push_back(torch::cat(gradients).detach());
    }
  }
  const torch::NoGradGuard no_grad;
  const auto g = torch::stack(rows);
  auto kernel = torch::zeros({g.size(0), g.size(0)}, g.options().dtype(torch::kFloat64));
  for (std::int64_t begin = 0; begin < g.size(1); begin += columns_at_once) {
    const auto part = g.narrow(1, begin, std::min(columns_at_once, g.size(1) - begin)).to(torch::kFloat64);
    kernel += part.matmul(part.t());
  }
  return kernel.to(torch::kCPU);
}

double kernel_drift(const torch::Tensor& kernel, const torch::Tensor& initial) {
  return ((kernel - initial).norm() / initial.norm()).item<double>();
}

} // namespace plateau::probes
