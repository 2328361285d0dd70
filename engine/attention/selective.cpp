#include "engine/attention/masked.h"

namespace plateau::attention {
namespace {

/// What the other queries have voted against each key, [B, 1, N, N]: of earlier queries with a causal mask,
/// of all others without.
torch::Tensor votes(const torch::Tensor& z, const Layer& layer) {
  const auto tokens = z.size(-1);
  auto keep = torch::ones({tokens, tokens}, z.options().requires_grad(false));
  keep.fill_diagonal_(0);                                                        // no token votes itself out
  keep.select(1, 0).zero_();                                                     // nor may the first be
  const auto cast = hide_weights(z.slice(1, 0, 1), layer.visible).relu() * keep; // [B, 1, N, N]
  if (layer.visible.defined()) return cast.cumsum(2) - cast;
  return cast.sum(2, true) - cast;
}

} // namespace

const Variant selective{
    .info =
        {.name = "selective",
         .title = "Selective attention",
         .formula = "a = softmax(l / τ − F),  F_ij = Σ_{i' < i, i' ≠ j} max(0, l⁰_{i'j} / τ),  F_i0 = 0,  "
                    "l⁰: head 0",
         .description =
             "Tokens vote others out: what head 0 of an earlier query scores positively is lowered for all "
             "later queries of every head. No parameters. Published for causal masks; without one, here all "
             "other queries vote.",
         .source = "Leviathan et al. 2024, arXiv:2410.02703; x-transformers",
         .shift_invariant = false,
         .row_scores = "scores l_j after the votes"},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto z = scores / layer.scale.tau;
          return masked_softmax(z - votes(z, layer), layer.visible);
        },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

} // namespace plateau::attention
