#include "engine/attention/masked.h"

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
    .weights = softmax_weights,
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

} // namespace plateau::attention
