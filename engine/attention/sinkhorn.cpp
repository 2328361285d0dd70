#include "engine/attention/masked.h"

namespace plateau::attention {

const Variant sinkhorn{
    .info =
        {.name = "sinkhorn",
         .title = "Doubly stochastic (Sinkhorn)",
         .formula =
             "a = exp(l / τ), columns and rows normalised in turn, attention.sinkhorn_iterations times",
         .description =
             "Every key is looked at as much as every other: columns sum to (about) 1, too, so no token can "
             "draw all attention. A row's weights depend on all other rows. With a causal mask the only "
             "doubly stochastic matrix is the identity, which many iterations approach.",
         .source = "Sander et al. 2022 (Sinkformers), arXiv:2110.11773",
         .fields = {"attention.sinkhorn_iterations"},
         .row_scores = "scores l_j of a row whose columns are balanced"},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          auto z = hide_scores(scores / layer.scale.tau, layer.visible);
          for (std::int64_t i = 0; i < layer.settings->sinkhorn_iterations; ++i) {
            z = hide_scores(z - torch::logsumexp(z, -2, true), layer.visible);
            z = hide_scores(z - torch::logsumexp(z, -1, true), layer.visible);
          }
          return hide_weights(z.exp(), layer.visible);
        },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

} // namespace plateau::attention
