#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

double weight(double score, const Row& row) {
  return 1 / (1 + std::exp(std::log(double(row.size())) - score / row.options.tau));
}

} // namespace

const Variant sigmoid{
    .info =
        {.name = "sigmoid",
         .title = "Sigmoid",
         .formula = "a = σ(l / τ − ln n),  n visible keys",
         .description =
             "Every key by itself, without competition: raising one weight lowers no other. The bias −ln n "
             "lets a row of zero scores sum to about 1. Jacobian diag(a (1 − a))/τ.",
         .source = "Ramapuram et al. 2024 (Sigmoid self-attention), arXiv:2409.04431",
         .row_sum = "0 … n",
         .shift_invariant = false},
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto bias = visible_counts(scores, layer.visible).log();
          return hide_weights(torch::sigmoid(scores / layer.scale.tau - bias), layer.visible);
        },
    .row = [](const Row& row) { return each(row.scores, [&](double l) { return weight(l, row); }); },
    .jacobian =
        [](const Row& row) {
          return diagonal(each(row.scores, [&](double l) {
            const double a = weight(l, row);
            return a * (1 - a) / row.options.tau;
          }));
        }};

} // namespace plateau::attention
