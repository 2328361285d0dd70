#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {

const Variant softmax{
    .info = {.name = "softmax",
             .title = "Softmax",
             .formula = "a = softmax(l / τ),  l = q·k,  τ = temperature × √d_k",
             .description =
                 "The standard. Its Jacobian (diag a − a aᵀ)/τ vanishes at both ends: a row that is "
                 "uniform over n tokens passes on 1/n of the signal, a one-hot row none. "
                 "Temperature below 1 sharpens, above 1 flattens.",
             .source = "Vaswani et al. 2017; temperature: Hoffmann et al. 2024 (Eureka-moments), section 4"},
    .weights = [](const torch::Tensor& scores,
                  const Layer& layer) { return masked_softmax(scores / layer.scale.tau, layer.visible); },
    .row = [](const Row& row) { return softmax_row(row.scores, row.options.tau); },
    .jacobian =
        [](const Row& row) {
          return softmax_jacobian(softmax_row(row.scores, row.options.tau), row.options.tau);
        }};

} // namespace plateau::attention
