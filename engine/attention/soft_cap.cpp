#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

std::vector<double> capped(const Row& row) {
  const double cap = row.options.settings.soft_cap;
  return each(row.scores, [&](double l) { return cap * std::tanh(l / row.options.tau / cap); });
}

} // namespace

const Variant soft_cap{
    .info = {.name = "soft-cap",
             .title = "Soft-capped scores",
             .formula = "a = softmax(c tanh(l / (τ c))),  c = attention.soft_cap",
             .description = "Scores cannot leave (−c, c). Where one comes near, its gradient shrinks by "
                            "1 − tanh².",
             .source = "Gemma 2 (2024), c = 50; x-transformers",
             .shift_invariant = false,
             .fields = {"attention.soft_cap"}},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const double cap = layer.settings->soft_cap;
          return masked_softmax(torch::tanh(scores / (layer.scale.tau * cap)) * cap, layer.visible);
        },
    .row = [](const Row& row) { return softmax_row(capped(row), 1); },
    .jacobian =
        [](const Row& row) {
          const double cap = row.options.settings.soft_cap, tau = row.options.tau;
          auto jacobian = softmax_jacobian(softmax_row(capped(row), 1), 1);
          scale_columns(jacobian, each(row.scores, [&](double l) {
                          const double t = std::tanh(l / tau / cap);
                          return (1 - t * t) / tau;
                        }));
          return jacobian;
        }};

} // namespace plateau::attention
