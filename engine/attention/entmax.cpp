// Sparse relatives of softmax: the projection of the scores onto the simplex, and the family between the two.
//   p = [(alpha - 1) z - t]_+^(1 / (alpha - 1)), t such that p sums to 1          alpha = 2: sparsemax, 1:
//   softmax dp/dz = diag(g) - g g^T / sum g,  g = p^(2 - alpha) on the support             (Peters et al.
//   2019, proposition 2)
#include <algorithm>
#include <cmath>
#include <functional>
#include <torch/torch.h>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

using torch::Tensor;

constexpr int bisections = 50; // halvings of an interval of length 1

/// Weights of z whose rows have 0 as their largest score.
Tensor sparsemax_forward(const Tensor& z) {
  const auto sorted = std::get<0>(z.sort(-1, true));
  const auto ranks = torch::arange(1, z.size(-1) + 1, z.options());
  const auto sums = sorted.cumsum(-1) - 1;
  const auto support = (ranks * sorted > sums).sum(-1, true).clamp_min(1);
  return (z - sums.gather(-1, support - 1) / support.to(z.scalar_type())).clamp_min(0);
}

Tensor entmax15_forward(const Tensor& z) {
  const auto half = z / 2, sorted = std::get<0>(half.sort(-1, true));
  const auto ranks = torch::arange(1, z.size(-1) + 1, z.options());
  const auto mean = sorted.cumsum(-1) / ranks, mean_square = sorted.square().cumsum(-1) / ranks;
  const auto variance = ranks * (mean_square - mean.square());
  const auto threshold = mean - ((1 - variance) / ranks).clamp_min(0).sqrt();
  const auto support = (threshold <= sorted).sum(-1, true).clamp_min(1);
  return (half - threshold.gather(-1, support - 1)).clamp_min(0).square();
}

Tensor bisected_forward(const Tensor& z, double alpha) {
  const auto scaled = z * (alpha - 1);
  const double power = 1 / (alpha - 1);
  const auto weights = [&](const Tensor& threshold) { return (scaled - threshold).clamp_min(0).pow(power); };
  // The largest entry is 0: its weight is between 1 / n and 1.
  auto low = torch::full_like(scaled.select(-1, 0).unsqueeze(-1), -1.0);
  double length = 1 - std::pow(double(z.size(-1)), 1 - alpha);
  for (int i = 0; i < bisections; ++i) {
    length /= 2;
    const auto middle = low + length;
    low = torch::where(weights(middle).sum(-1, true) >= 1, middle, low);
  }
  const auto p = weights(low);
  return p / p.sum(-1, true);
}

Tensor entmax_forward(const Tensor& z, double alpha) {
  if (alpha == 2) return sparsemax_forward(z);
  if (alpha == 1.5) return entmax15_forward(z);
  return bisected_forward(z, alpha);
}

struct Entmax : torch::autograd::Function<Entmax> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& z, double alpha) {
    const auto p = entmax_forward(z - z.amax(-1, true), alpha);
    context->save_for_backward({p});
    context->saved_data["alpha"] = alpha;
    return p;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto p = context->get_saved_variables()[0];
    const double alpha = context->saved_data["alpha"].toDouble();
    // 0^0 would be 1, and the root of 0 has no derivative.
    const auto inside = p > 0;
    const auto g = torch::where(inside, p, torch::ones_like(p)).pow(2 - alpha) * inside;
    const auto mean = (g * gradients[0]).sum(-1, true) / g.sum(-1, true);
    return {g * (gradients[0] - mean), Tensor()};
  }
};

Tensor entmax_weights(const Tensor& scores, const Layer& layer, double alpha) {
  return hide_weights(Entmax::apply(hide_scores(scores / layer.scale.tau, layer.visible), alpha),
                      layer.visible);
}

/// The same by bisection in float64, whatever alpha.
std::vector<double> entmax_row(const Row& row, double alpha) {
  const double largest = *std::max_element(row.scores.begin(), row.scores.end());
  const auto scaled =
      each(row.scores, [&](double l) { return (l - largest) / row.options.tau * (alpha - 1); });
  const auto weights = [&](double threshold) {
    return each(scaled, [&](double z) { return std::pow(std::max(0.0, z - threshold), 1 / (alpha - 1)); });
  };
  const auto sum = [](const std::vector<double>& p) {
    double total = 0;
    for (const double weight : p) total += weight;
    return total;
  };
  double low = -1, high = 0;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = (low + high) / 2;
    (sum(weights(middle)) >= 1 ? low : high) = middle;
  }
  auto p = weights(low);
  const double total = sum(p);
  for (double& weight : p) weight /= total;
  return p;
}

std::vector<double> entmax_jacobian(const Row& row, double alpha) {
  const auto p = entmax_row(row, alpha);
  const auto g = each(p, [&](double weight) { return weight > 0 ? std::pow(weight, 2 - alpha) : 0.0; });
  double sum = 0;
  for (const double slope : g) sum += slope;
  const auto n = p.size();
  std::vector<double> jacobian(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      jacobian[i * n + j] = ((i == j ? g[i] : 0.0) - g[i] * g[j] / sum) / row.options.tau;
  return jacobian;
}

double chosen_alpha(const study::AttentionSettings& settings) {
  return settings.entmax_alpha;
}

} // namespace

const Variant sparsemax{
    .info =
        {.name = "sparsemax",
         .title = "Sparsemax",
         .formula = "a = [l / τ − t]₊ with t such that Σ a = 1",
         .description =
             "The point of the simplex nearest to the scores: weights below a threshold are exactly 0 and "
             "pass on no gradient, those above differ as their scores do.",
         .source = "Martins & Astudillo 2016, arXiv:1602.02068; entmax repository"},
    .weights = [](const Tensor& scores, const Layer& layer) { return entmax_weights(scores, layer, 2); },
    .row = [](const Row& row) { return entmax_row(row, 2); },
    .jacobian = [](const Row& row) { return entmax_jacobian(row, 2); }};

const Variant entmax15{
    .info = {.name = "entmax-1.5",
             .title = "1.5-entmax",
             .formula = "a = [l / 2τ − t]₊²  with t such that Σ a = 1",
             .description =
                 "Half-way between softmax and sparsemax: sparse, but smooth where weights reach 0.",
             .source = "Peters et al. 2019 (Sparse sequence-to-sequence models); entmax repository"},
    .weights = [](const Tensor& scores, const Layer& layer) { return entmax_weights(scores, layer, 1.5); },
    .row = [](const Row& row) { return entmax_row(row, 1.5); },
    .jacobian = [](const Row& row) { return entmax_jacobian(row, 1.5); }};

const Variant entmax{
    .info = {.name = "entmax",
             .title = "α-entmax",
             .formula = "a = [(α − 1) l / τ − t]₊^(1 / (α − 1)) with t such that Σ a = 1,  "
                        "α = attention.entmax_alpha",
             .description =
                 "The whole family: α near 1 is softmax, 2 is sparsemax, above 2 sparser still. The "
                 "threshold is found by bisection.",
             .source = "Peters et al. 2019 (Sparse sequence-to-sequence models); entmax repository",
             .fields = {"attention.entmax_alpha"}},
    .weights =
        [](const Tensor& scores, const Layer& layer) {
          return entmax_weights(scores, layer, chosen_alpha(*layer.settings));
        },
    .row = [](const Row& row) { return entmax_row(row, chosen_alpha(row.options.settings)); },
    .jacobian = [](const Row& row) { return entmax_jacobian(row, chosen_alpha(row.options.settings)); }};

} // namespace plateau::attention
