#include "engine/attention/masked.h"
#include "engine/attention/read.h"

namespace plateau::attention {
namespace {

torch::Tensor output(const torch::Tensor& weights, const Layer& layer) {
  const auto per_head = [&](const char* name) { return layer.own_parameter(name).view({1, -1, 1, 1}); };
  const auto beta = per_head("log_beta").exp(), share = torch::sigmoid(per_head("gate"));
  const auto mean = torch::matmul(weights, layer.v);
  return mean + share * (log_mean_exp(weights, beta * layer.v) / beta - mean);
}

} // namespace

const Variant free_energy{
    .info =
        {.name = "free-energy",
         .title = "Free-energy read",
         .formula = "o = (1 − σ(g)) a v + σ(g) ln(a exp(β v)) / β,  a = softmax(l / τ)",
         .description =
             "Softmax weights whose values are read by a log-sum-exp with a learned inverse temperature β "
             "per head, mixed with the mean by a learned gate: β → 0 is the mean, β = 1 LASER, β → ∞ the "
             "largest value. LASER itself cannot sit on top of it.",
         .source = "Free Energy Mixer, as its reviews describe it; gate and β per head are our choice",
         .takes_laser = false,
         .own = {{"log_beta", "ln β, one per head; starts at 0"},
                 {"gate", "g, one per head; starts at −2, a share of 12 %; after a switch at −4, 2 %"}}},
    .weights = softmax_weights,
    .output = output,
    .own =
        [](const LayerShape& shape, at::Generator&) {
          return OwnParameters{{"log_beta", torch::zeros({shape.heads})},
                               {"gate", torch::full({shape.heads}, -2.0)}};
        },
    .go_on = [](OwnParameters& own, const Layer&) { own[1].second.fill_(-4); },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

} // namespace plateau::attention
