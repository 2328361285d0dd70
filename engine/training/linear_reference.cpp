#include "engine/training/linear_reference.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plateau::training {
namespace {

constexpr int iterations = 400;
constexpr double first_rate = 0.05;

/// Mean |x|^2 / d over the context: step sizes are measured in its inverse.
double mean_square(const fused::LinearShape& shape, const fused::LinearPrompts<double>& prompts) {
  const auto tokens = shape.context + 1, row = shape.width + 1;
  const auto lanes = std::int64_t(prompts.tokens.size()) / (prompts.groups * tokens * row);
  double sum = 0;
  for (std::int64_t i = 0; i < std::int64_t(prompts.tokens.size()); ++i) {
    const auto place = i / lanes % (tokens * row);
    if (place % row < shape.width) sum += prompts.tokens[std::size_t(i)] * prompts.tokens[std::size_t(i)];
  }
  return sum / double(prompts.count * tokens * shape.width);
}

/// Adam on the step sizes u (Q_l = -u_l / mean square) and, with `preconditions`, on p (P_l = p_l I).
double tuned_loss(const fused::LinearShape& shape, const fused::LinearPrompts<double>& prompts,
                  bool preconditions, parallel::WorkerPool& pool) {
  const auto d = shape.width, L = shape.layers;
  const double unit = 1 / mean_square(shape, prompts);
  fused::LinearClosedForm<double> form(shape);
  std::vector<double> parameters(std::size_t(shape.parameters()), 0.0), gradient(parameters.size());
  std::vector<double> scalars(std::size_t(2 * L), 0.0), m(scalars.size(), 0.0), v(scalars.size(), 0.0);
  for (std::int64_t l = 0; l < L; ++l) scalars[std::size_t(2 * l + 1)] = 0.5;
  double best = HUGE_VAL;
  for (int iteration = 1; iteration <= iterations; ++iteration) {
    for (std::int64_t k = 0; k < 2 * L; ++k)
      for (std::int64_t i = 0; i < d; ++i)
        parameters[std::size_t(k * d * d + i * (d + 1))] = scalars[std::size_t(k)] * (k % 2 ? -unit : 1);
    const double loss = form.gradient(parameters.data(), prompts, pool, gradient.data());
    if (!std::isfinite(loss)) break;
    best = std::min(best, loss);
    const double rate = first_rate * 0.5 * (1 + std::cos(std::numbers::pi * iteration / iterations));
    for (std::int64_t k = preconditions ? 0 : 1; k < 2 * L; k += preconditions ? 1 : 2) {
      double slope = 0;
      for (std::int64_t i = 0; i < d; ++i) slope += gradient[std::size_t(k * d * d + i * (d + 1))];
      slope *= k % 2 ? -unit : 1;
      auto &first = m[std::size_t(k)], &second = v[std::size_t(k)];
      first += 0.1 * (slope - first);
      second += 0.05 * (slope * slope - second);
      scalars[std::size_t(k)] -= rate * first / (1 - std::pow(0.9, iteration)) /
                                 (std::sqrt(second / (1 - std::pow(0.95, iteration))) + 1e-12);
    }
  }
  return best;
}

} // namespace

LinearReference linear_reference(const fused::LinearShape& shape, const fused::LinearPrompts<double>& prompts,
                                 parallel::WorkerPool& pool) {
  return {tuned_loss(shape, prompts, false, pool), tuned_loss(shape, prompts, true, pool)};
}

} // namespace plateau::training
