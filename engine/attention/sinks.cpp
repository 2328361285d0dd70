// Softmax with somewhere to look when there is nothing to see: one more entry in the sum, with score 0 or a
// learned one, that has no value.
#include <algorithm>
#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

/// Softmax over [z, sink], of which the last is dropped. `sink` broadcasts to [B, H, N, 1].
torch::Tensor with_sink(const torch::Tensor& z, const torch::Tensor& sink, const torch::Tensor& visible) {
  const auto hidden = hide_scores(z, visible);
  auto shape = z.sizes().vec();
  shape.back() = 1;
  const auto all = torch::softmax(torch::cat({hidden, sink.expand(shape)}, -1), -1);
  return hide_weights(all.slice(-1, 0, z.size(-1)), visible);
}

std::vector<double> row_with_sink(const Row& row, double sink) {
  std::vector<double> scores(row.scores.begin(), row.scores.end());
  scores.push_back(sink * row.options.tau);
  auto weights = softmax_row(scores, row.options.tau);
  weights.pop_back();
  return weights;
}

std::vector<double> jacobian_with_sink(const Row& row, double sink) {
  return softmax_jacobian(row_with_sink(row, sink), row.options.tau);
}

} // namespace

const Variant softmax_plus_one{
    .info =
        {.name = "softmax-plus-one",
         .title = "Softmax off by one",
         .formula = "a_j = exp(l_j / τ) / (1 + Σ_i exp(l_i / τ))",
         .description =
             "A head may look at nothing: when all scores are far below 0 the row sums to 0. The same as one "
             "more key and value of zeros. Shifting all scores changes the weights.",
         .source = "Miller 2023 (Attention is off by one)",
         .row_sum = "below 1",
         .shift_invariant = false},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          return with_sink(scores / layer.scale.tau, torch::zeros({1}, scores.options()), layer.visible);
        },
    .row = [](const Row& row) { return row_with_sink(row, 0); },
    .jacobian = [](const Row& row) { return jacobian_with_sink(row, 0); }};

const Variant learned_sink{
    .info = {.name = "learned-sink",
             .title = "Learned sink",
             .formula = "a = softmax([l / τ, s_h]) without its last entry",
             .description = "Softmax off by one with e^s in the place of 1: each head learns how readily it "
                            "looks at nothing.",
             .source = "OpenAI 2025 (gpt-oss)",
             .row_sum = "below 1",
             .shift_invariant = false,
             .own = {{"sink",
                      "s_h, one per head; starts at 0, after a switch where it takes 1 % of the weight"}}},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          return with_sink(scores / layer.scale.tau, layer.own_parameter("sink").view({1, -1, 1, 1}),
                           layer.visible);
        },
    .own =
        [](const LayerShape& shape, at::Generator&) {
          return OwnParameters{{"sink", torch::zeros({shape.heads})}};
        },
    .go_on =
        [](OwnParameters& own, const Layer& layer) {
          const auto z = torch::matmul(layer.q, layer.k.transpose(-2, -1)) / layer.scale.tau;
          const auto sums = torch::logsumexp(hide_scores(z, layer.visible), -1); // [B, H, N]
          own[0].second.copy_(sums.mean(at::IntArrayRef{0, 2}) - std::log(99.0));
        },
    .row = [](const Row& row) { return row_with_sink(row, row.own); },
    .jacobian = [](const Row& row) { return jacobian_with_sink(row, row.own); },
    .own_scalar = [](std::size_t) { return 0.0; }};

} // namespace plateau::attention
