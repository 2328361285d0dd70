#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {

const Variant linear{
    .info =
        {.name = "linear",
         .title = "Linear (no softmax)",
         .formula = "a = l / (τ n),  n visible keys",
         .description =
             "Scores are the weights. The Jacobian I/(τ n) never vanishes and never saturates; weights may "
             "be negative and have no bound. The transformer that theory can handle.",
         .source = "Ahn et al. 2024 (Linear attention is maybe all you need)",
         .row_sum = "any",
         .shift_invariant = false,
         .non_negative = false,
         .takes_laser = false},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          return hide_weights(scores / (visible_counts(scores, layer.visible) * layer.scale.tau),
                              layer.visible);
        },
    .row =
        [](const Row& row) {
          return each(row.scores, [&](double l) { return l / (row.options.tau * double(row.size())); });
        },
    .jacobian =
        [](const Row& row) {
          return diagonal(
              each(row.scores, [&](double) { return 1 / (row.options.tau * double(row.size())); }));
        }};

} // namespace plateau::attention
