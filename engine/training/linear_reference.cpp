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

/// The scalars of each layer: p, and u of Q = -u / mean square.
using Scalars = std::vector<double>;

class Tuner {
public:
  Tuner(const fused::LinearShape& shape, const fused::LinearPrompts<double>& prompts,
        parallel::WorkerPool& pool)
      : shape_(shape), prompts_(prompts), pool_(pool), form_(shape), unit_(1 / mean_square(shape, prompts)),
        parameters_(std::size_t(shape.parameters()), 0.0), gradient_(parameters_.size()) {}

  /// Lowers the loss by Adam from `scalars`, of each layer u and, with `preconditions`, p; a step that makes
  /// things much worse, which steep polynomials invite, is taken back and halved. Returns the best found.
  double tune(Scalars& scalars, bool preconditions) {
    Scalars at = scalars, m(at.size(), 0.0), v(at.size(), 0.0);
    double best = loss(scalars), rate_now = first_rate;
    for (int iteration = 1; iteration <= iterations; ++iteration) {
      const double now = loss(at);
      if (now < best) {
        best = now;
        scalars = at;
      } else if (!(now < 2 * best)) {
        at = scalars;
        loss(at);
        rate_now /= 2;
        std::fill(m.begin(), m.end(), 0.0);
      }
      const double rate = rate_now * 0.5 * (1 + std::cos(std::numbers::pi * iteration / iterations));
      for (std::size_t k = preconditions ? 0 : 1; k < at.size(); k += preconditions ? 1 : 2) {
        const double slope = derivative(k);
        m[k] += 0.1 * (slope - m[k]);
        v[k] += 0.05 * (slope * slope - v[k]);
        at[k] -= rate * m[k] / (std::sqrt(v[k]) + 1e-12);
      }
    }
    return best;
  }

private:
  double factor(std::size_t k) const { return k % 2 ? -unit_ : 1; }
  double loss(const Scalars& scalars) {
    const auto d = shape_.width;
    for (std::size_t k = 0; k < scalars.size(); ++k)
      for (std::int64_t i = 0; i < d; ++i)
        parameters_[k * std::size_t(d * d) + std::size_t(i * (d + 1))] = scalars[k] * factor(k);
    return form_.gradient(parameters_.data(), prompts_, pool_, gradient_.data());
  }
  double derivative(std::size_t k) const { // at the point of the last loss()
    const auto d = shape_.width;
    double sum = 0;
    for (std::int64_t i = 0; i < d; ++i) sum += gradient_[k * std::size_t(d * d) + std::size_t(i * (d + 1))];
    return sum * factor(k);
  }

  fused::LinearShape shape_;
  const fused::LinearPrompts<double>& prompts_;
  parallel::WorkerPool& pool_;
  fused::LinearClosedForm<double> form_;
  double unit_;
  std::vector<double> parameters_, gradient_;
};

} // namespace

LinearReference linear_reference(const fused::LinearShape& shape, const fused::LinearPrompts<double>& prompts,
                                 parallel::WorkerPool& pool) {
  Tuner tuner(shape, prompts, pool);
  Scalars scalars(std::size_t(2 * shape.layers), 0.0);
  for (std::size_t k = 1; k < scalars.size(); k += 2) scalars[k] = 0.5;
  const double plain = tuner.tune(scalars, false);
  return {plain, tuner.tune(scalars, true)}; // goes on from the best plain steps: never worse
}

} // namespace plateau::training
