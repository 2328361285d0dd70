// Attention by the angle between query and key: lengths play no part, so scores cannot grow without bound.
#include <algorithm>
#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

torch::Tensor unit(const torch::Tensor& x) {
  return x / x.norm(2, -1, true).clamp_min(1e-12);
}

torch::Tensor cosines(const Layer& layer) {
  return torch::matmul(unit(layer.q), unit(layer.k).transpose(-2, -1));
}

/// The temperature without sqrt(d_k), which has no place where vectors have length 1.
double temperature(const Layer& layer) {
  return layer.scale.tau / layer.scale.sqrt_dk;
}

double temperature(const Row& row) {
  return row.options.tau / row.options.sqrt_dk;
}

/// g of Henry et al. for sequences of n tokens: log2(n^2 - n).
double initial_scale(std::size_t tokens) {
  const double n = std::max<double>(double(tokens), 3);
  return std::log2(n * n - n);
}

std::vector<double> scaled_softmax(const Row& row, double g) {
  return softmax_row(row.scores, temperature(row) / g);
}

std::vector<double> scaled_jacobian(const Row& row, double g) {
  return softmax_jacobian(scaled_softmax(row, g), temperature(row) / g);
}

constexpr const char* row_scores = "cosines c_j between q and k_j";

} // namespace

const Variant qk_norm{
    .info = {.name = "qk-norm",
             .title = "QKNorm",
             .formula = "a = softmax(g cos(q, k) / temperature)",
             .description =
                 "Queries and keys are brought to length 1, and one learned scale g per layer says how sharp "
                 "attention may be: no score is above g. √d_k plays no part.",
             .source = "Henry et al. 2020 (QKNorm), arXiv:2010.04245; released code",
             .own = {{"g",
                      "one per layer; starts at log2(n² − n) for n tokens, after a switch at the mean of "
                      "|q||k| / √d_k"}},
             .row_input = RowInput::Cosines,
             .row_scores = row_scores},
    .scores = cosines,
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          return masked_softmax(scores * (layer.own_parameter("g") / temperature(layer)), layer.visible);
        },
    .own =
        [](const LayerShape& shape, at::Generator&) {
          return OwnParameters{{"g", torch::full({1}, initial_scale(std::size_t(shape.tokens)))}};
        },
    .go_on =
        [](OwnParameters& own, const Layer& layer) {
          own[0].second.fill_((layer.q.norm(2, -1).mean() * layer.k.norm(2, -1).mean()).item<double>() /
                              layer.scale.sqrt_dk);
        },
    .row = [](const Row& row) { return scaled_softmax(row, row.own); },
    .jacobian = [](const Row& row) { return scaled_jacobian(row, row.own); },
    .own_scalar = initial_scale};

const Variant cosine{
    .info = {.name = "cosine",
             .title = "Cosine, fixed scale",
             .formula = "a = softmax(g cos(q, k) / temperature),  g = attention.cosine_scale",
             .description = "QKNorm with a scale that does not learn: sharpness is bounded by what is set.",
             .source = "x-transformers' default (g = 10)",
             .fields = {"attention.cosine_scale"},
             .row_input = RowInput::Cosines,
             .row_scores = row_scores},
    .scores = cosines,
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          return masked_softmax(scores * (layer.settings->cosine_scale / temperature(layer)), layer.visible);
        },
    .row = [](const Row& row) { return scaled_softmax(row, row.options.settings.cosine_scale); },
    .jacobian = [](const Row& row) { return scaled_jacobian(row, row.options.settings.cosine_scale); }};

} // namespace plateau::attention
