#include <cmath>

#include "engine/attention/masked.h"
#include "engine/attention/read.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

using torch::Tensor;

constexpr double norm_epsilon = 1e-5;

double initial_lambda(std::int64_t layer) {
  return 0.8 - 0.6 * std::exp(-0.3 * double(layer));
}

Tensor lambda(const Layer& layer) {
  const auto product = [&](const char* a, const char* b) {
    return (layer.own_parameter(a) * layer.own_parameter(b)).sum();
  };
  return product("lambda_q1", "lambda_k1").exp() - product("lambda_q2", "lambda_k2").exp() +
         initial_lambda(layer.index);
}

/// Both maps, [B, 2 H, N, N], of the halves of each head's queries and keys.
Tensor scores(const Layer& layer) {
  const auto q = layer.q.chunk(2, -1), k = layer.k.chunk(2, -1);
  return torch::cat(
      {torch::matmul(q[0], k[0].transpose(-2, -1)), torch::matmul(q[1], k[1].transpose(-2, -1))}, 1);
}

/// [B, 2 H, N, N]; half as many channels, so a temperature smaller by the root of 2.
Tensor both_weights(const Tensor& scores, const Layer& layer) {
  return masked_softmax(scores * (std::sqrt(2.0) / layer.scale.tau), layer.visible);
}

Tensor difference(const Tensor& both, const Layer& layer) {
  const auto half = both.chunk(2, 1);
  return half[0] - lambda(layer) * half[1];
}

/// LASER needs weights that are not negative: it reads with each map by itself.
Tensor output(const Tensor& weights, const Layer& layer) {
  if (layer.settings->laser == "off") return torch::matmul(weights, layer.v);
  const auto half = both_weights(scores(layer), layer).chunk(2, 1);
  return read(half[0], layer) - lambda(layer) * read(half[1], layer);
}

Tensor finish(const Tensor& output, const Layer& layer) {
  const auto inverse_size = (output.square().mean(-1, true) + norm_epsilon).rsqrt();
  return output * inverse_size * layer.own_parameter("norm_gain") * (1 - initial_lambda(layer.index));
}

std::vector<double> first_map(const Row& row) {
  return softmax_row(row.scores, row.options.tau / std::sqrt(2.0));
}

} // namespace

const Variant differential{
    .info =
        {.name = "differential",
         .title = "Differential",
         .formula = "a = softmax(q₁k₁√2 / τ) − λ softmax(q₂k₂√2 / τ),  o = (1 − λ₀) RMSNorm(a v),  "
                    "λ = exp(λq₁·λk₁) − exp(λq₂·λk₂) + λ₀",
         .description =
             "Two maps from the halves of each head's queries and keys; what both look at cancels like "
             "noise in a balanced line. Weights may be negative. λ₀ = 0.8 − 0.6 exp(−0.3 layer), layer from "
             "0; needs an even head width. LASER reads with each map before they are subtracted.",
         .source = "Ye et al. 2024 (Differential transformer), arXiv:2410.05258; released code",
         .row_sum = "1 − λ",
         .non_negative = false,
         .own = {{"lambda_q1, lambda_k1, lambda_q2, lambda_k2",
                  "d_k / 2 numbers each; start at N(0, 0.1), after a switch such that λ = 0"},
                 {"norm_gain",
                  "d_k numbers; start at 1, after a switch at the size of what was read before"}},
         .row_scores = "scores of the first map; the second is uniform"},
    .scores = scores,
    .weights = [](const Tensor& scores,
                  const Layer& layer) { return difference(both_weights(scores, layer), layer); },
    .output = output,
    .finish = finish,
    .own =
        [](const LayerShape& shape, at::Generator& generator) {
          OwnParameters own;
          for (const char* name : {"lambda_q1", "lambda_k1", "lambda_q2", "lambda_k2"})
            own.emplace_back(name, torch::empty({shape.head_width() / 2}).normal_(0, 0.1, generator));
          own.emplace_back("norm_gain", torch::ones({shape.head_width()}));
          return own;
        },
    .go_on =
        [](OwnParameters& own, const Layer& layer) {
          const auto even = [](const Tensor& vector, double product) {
            return vector.fill_(std::sqrt(product / double(vector.numel())));
          };
          // e^p - e^0.1 + lambda_0 = 0 would leave one product at 0 and without gradient for small p.
          const double l0 = initial_lambda(layer.index), first = 0.1;
          even(own[0].second, first);
          even(own[1].second, first);
          const double second = std::log(std::exp(first) + l0);
          even(own[2].second, second);
          even(own[3].second, second);
          const auto before = masked_softmax(
              torch::matmul(layer.q, layer.k.transpose(-2, -1)) / layer.scale.tau, layer.visible);
          const auto size = torch::matmul(before, layer.v).square().mean().sqrt();
          own[4].second.fill_(size.item<double>() / (1 - l0));
        },
    .row =
        [](const Row& row) {
          return each(first_map(row), [&](double a) { return a - row.own / double(row.size()); });
        },
    .jacobian =
        [](const Row& row) { return softmax_jacobian(first_map(row), row.options.tau / std::sqrt(2.0)); },
    .own_scalar = [](std::size_t) { return initial_lambda(0); }};

} // namespace plateau::attention
