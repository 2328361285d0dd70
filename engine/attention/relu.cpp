#include <algorithm>
#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {

const Variant relu{
    .info =
        {.name = "relu",
         .title = "ReLU",
         .formula = "a = max(0, l / τ) / n^α,  n visible keys,  α = attention.relu_exponent",
         .description =
             "Point by point, like sigmoid, and exactly 0 for negative scores. A row whose scores are all "
             "negative is dead: nothing is read and no gradient flows.",
         .source = "Wortsman et al. 2023 (Replacing softmax with ReLU), arXiv:2309.08586",
         .row_sum = "0 … any",
         .shift_invariant = false,
         .fields = {"attention.relu_exponent"}},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto divisor = visible_counts(scores, layer.visible).pow(layer.settings->relu_exponent);
          return hide_weights(scores.relu() / (divisor * layer.scale.tau), layer.visible);
        },
    .row =
        [](const Row& row) {
          const double divisor =
              row.options.tau * std::pow(double(row.size()), row.options.settings.relu_exponent);
          return each(row.scores, [&](double l) { return std::max(0.0, l) / divisor; });
        },
    .jacobian =
        [](const Row& row) {
          const double divisor =
              row.options.tau * std::pow(double(row.size()), row.options.settings.relu_exponent);
          return diagonal(each(row.scores, [&](double l) { return l > 0 ? 1 / divisor : 0.0; }));
        }};

} // namespace plateau::attention
