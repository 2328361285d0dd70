#include <algorithm>
#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

/// With it the longest row is plain softmax.
double initial_scale(std::size_t tokens) {
  return 1 / std::log(double(std::max<std::size_t>(tokens, 2)));
}

double inverse_temperature(const Row& row) {
  return row.own * std::log(double(row.size())) / row.options.tau;
}

} // namespace

const Variant ssmax{
    .info =
        {.name = "ssmax",
         .title = "Scalable softmax",
         .formula = "a = softmax(s_h ln n · l / τ),  n visible keys",
         .description =
             "Scores grow with the logarithm of the number of keys, so that attention does not fade as the "
             "context gets longer. With a causal mask every row has its own n. (A constant s ln n that is "
             "subtracted instead would be plain softmax.)",
         .source = "Nakanishi 2025 (Scalable-Softmax), arXiv:2501.19399",
         .own = {{"s", "one per head; starts at 1 / ln n for n tokens, where the longest row is plain "
                       "softmax"}}},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto log_count = visible_counts(scores, layer.visible).log();
          return masked_softmax(scores * layer.own_parameter("s").view({1, -1, 1, 1}) * log_count /
                                    layer.scale.tau,
                                layer.visible);
        },
    .own =
        [](const LayerShape& shape, at::Generator&) {
          return OwnParameters{{"s", torch::full({shape.heads}, initial_scale(std::size_t(shape.tokens)))}};
        },
    .row =
        [](const Row& row) {
          return softmax_row(each(row.scores, [&](double l) { return l * inverse_temperature(row); }), 1);
        },
    .jacobian =
        [](const Row& row) {
          auto a = softmax_row(each(row.scores, [&](double l) { return l * inverse_temperature(row); }), 1);
          auto jacobian = softmax_jacobian(a, 1);
          for (double& slope : jacobian) slope *= inverse_temperature(row);
          return jacobian;
        },
    .own_scalar = initial_scale};

} // namespace plateau::attention
