#include "engine/attention/sigma_reparam.h"

#include "engine/attention/masked.h"

namespace plateau::attention {
namespace {

torch::Tensor unit(const torch::Tensor& x) {
  return x / x.norm().clamp_min(1e-12);
}

} // namespace

std::pair<double, torch::Tensor> largest_singular(const torch::Tensor& weight) {
  const torch::NoGradGuard no_grad;
  auto u = unit(weight.sum(1)); // any vector that the largest one is not orthogonal to
  double sigma = 0;
  for (int i = 0; i < 1000; ++i) {
    u = unit(weight.mv(unit(weight.t().mv(u))));
    const double next = weight.t().mv(u).norm().item<double>();
    if (std::abs(next - sigma) <= 1e-7 * next) break;
    sigma = next;
  }
  return {weight.t().mv(u).norm().item<double>(), u};
}

torch::Tensor reparametrised(const torch::Tensor& weight, const torch::Tensor& gamma, const torch::Tensor& u,
                             bool update) {
  torch::Tensor left, right;
  {
    const torch::NoGradGuard no_grad;
    right = unit(weight.t().mv(u));
    if (update) u.copy_(unit(weight.mv(right)));
    left = u.clone(); // a later pass may move u on before this one's backward
  }
  return weight * (gamma / left.dot(weight.mv(right)));
}

const Variant sigma_reparam{
    .info =
        {.name = "sigma-reparam",
         .title = "σReparam (softmax)",
         .formula = "Ŵ = γ W / σ(W) for every linear map of the block,  a = softmax(l / τ)",
         .description =
             "Every weight matrix of the block is divided by its largest singular value and multiplied by a "
             "learned number, so that scores grow only as far as γ does: keeps attention from collapsing "
             "onto "
             "single tokens while training. σ is followed by one step of power iteration per training step.",
         .source = "Zhai et al. 2023 (Stabilizing transformer training), arXiv:2303.06296",
         .own = {{"qkv_gamma, projection_gamma, expand_gamma, contract_gamma",
                  "γ, one per linear map; starts at σ(W), where nothing changes"}}},
    .weights = softmax_weights,
    .own =
        [](const LayerShape&, at::Generator&) { // the block sets them: it knows its weights
          OwnParameters own;
          for (const char* name : {"qkv_gamma", "projection_gamma", "expand_gamma", "contract_gamma"})
            own.emplace_back(name, torch::ones({1}));
          return own;
        },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian,
    .reparametrises = true};

} // namespace plateau::attention
