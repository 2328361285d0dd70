#include <algorithm>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

/// Of one softmax weight.
double stretched(double a, const study::AttentionSettings& s) {
  return (s.stretch_upper - s.stretch_lower) * a + s.stretch_lower;
}

} // namespace

const Variant clipped_softmax{
    .info = {.name = "clipped-softmax",
             .title = "Clipped softmax",
             .formula = "a = clip((η − γ) softmax(l / τ) + γ, 0, 1),  η = attention.stretch_upper,  "
                        "γ = attention.stretch_lower",
             .description =
                 "Stretched a little beyond 0 and 1 and cut there, so that exact zeros and ones are "
                 "reached with finite scores. What is cut passes on no gradient.",
             .source = "Bondarenko et al. 2023 (Quantizable transformers), arXiv:2306.12929",
             .row_sum = "0 … n",
             .fields = {"attention.stretch_upper", "attention.stretch_lower"}},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto& s = *layer.settings;
          const auto a = masked_softmax(scores / layer.scale.tau, layer.visible);
          return hide_weights((a * (s.stretch_upper - s.stretch_lower) + s.stretch_lower).clamp(0, 1),
                              layer.visible);
        },
    .row =
        [](const Row& row) {
          return each(softmax_row(row.scores, row.options.tau),
                      [&](double a) { return std::clamp(stretched(a, row.options.settings), 0.0, 1.0); });
        },
    .jacobian =
        [](const Row& row) {
          const auto& s = row.options.settings;
          const auto a = softmax_row(row.scores, row.options.tau);
          auto jacobian = softmax_jacobian(a, row.options.tau);
          scale_rows(jacobian, each(a, [&](double weight) {
                       const double y = stretched(weight, s);
                       return y > 0 && y < 1 ? s.stretch_upper - s.stretch_lower : 0.0;
                     }));
          return jacobian;
        }};

} // namespace plateau::attention
