#include "engine/attention/masked.h"

namespace plateau::attention {
namespace {

constexpr double epsilon = 1e-6;

torch::Tensor normalised(const torch::Tensor& x) {
  return torch::layer_norm(x, {x.size(-1)}, {}, {}, epsilon);
}

torch::Tensor scores(const Layer& layer) {
  const auto part = [&](const torch::Tensor& x, const std::string& name) {
    return normalised(x) * layer.own_parameter(name + "_gain") + layer.own_parameter(name + "_bias");
  };
  return torch::matmul(part(layer.q, "q"), part(layer.k, "k").transpose(-2, -1));
}

/// Gain and bias per channel that bring the norm's output nearest to its input (least squares).
void fit(const torch::Tensor& x, torch::Tensor gain, torch::Tensor bias) {
  const auto target = x.flatten(0, 2), source = normalised(x).flatten(0, 2); // [rows, d_k]
  const auto center = source.mean(0), deviation = source - center;
  const auto slope =
      (deviation * (target - target.mean(0))).sum(0) / deviation.square().sum(0).clamp_min(1e-12);
  gain.copy_(slope);
  bias.copy_(target.mean(0) - slope * center);
}

} // namespace

const Variant qk_layer_norm{
    .info = {.name = "qk-layer-norm",
             .title = "QK-LayerNorm",
             .formula = "a = softmax(LN(q)·LN(k) / τ),  τ = temperature × √d_k",
             .description =
                 "A layer norm with learned gain and bias on queries and keys of every head, before their "
                 "product: scores grow only as far as the gains do, which keeps large models from diverging.",
             .source = "Dehghani et al. 2023 (ViT-22B), arXiv:2302.05442",
             .own = {{"q_gain, q_bias, k_gain, k_bias",
                      "d_k numbers each, shared by the heads; start at 1 and 0, after a switch fitted to the "
                      "queries and keys there are"}},
             .row_scores = "scores l_j = LN(q)·LN(k_j)"},
    .scores = scores,
    .weights = softmax_weights,
    .own =
        [](const LayerShape& shape, at::Generator&) {
          const auto d = shape.head_width();
          return OwnParameters{{"q_gain", torch::ones({d})},
                               {"q_bias", torch::zeros({d})},
                               {"k_gain", torch::ones({d})},
                               {"k_bias", torch::zeros({d})}};
        },
    .go_on =
        [](OwnParameters& own, const Layer& layer) {
          fit(layer.q, own[0].second, own[1].second);
          fit(layer.k, own[2].second, own[3].second);
        },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

} // namespace plateau::attention
