#include "engine/tasks/recall_theory.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace plateau::tasks {
namespace {

/// Probability that one given value is not shown.
double none(const RecallSize& size) {
  return std::pow(1 - 1 / static_cast<double>(size.symbols), static_cast<double>(size.pairs));
}

/// E[f(c)] with c ~ Bin(pairs, 1 / symbols), the times that one given value is shown.
template<class Function> double expectation(const RecallSize& size, Function f) {
  const auto p = static_cast<double>(size.pairs), odds = 1 / static_cast<double>(size.symbols - 1);
  double probability = none(size), sum = 0;
  for (double c = 0; c <= p; ++c) {
    sum += probability * f(c);
    probability *= (p - c) / (c + 1) * odds;
  }
  return sum;
}

using Polynomial = std::vector<double>; // coefficients of x^0 .. x^degree; higher ones are left out

Polynomial product(const Polynomial& a, const Polynomial& b) {
  Polynomial result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != 0)
      for (std::size_t j = 0; i + j < a.size(); ++j) result[i + j] += a[i] * b[j];
  return result;
}

Polynomial power(Polynomial base, std::int64_t exponent) {
  Polynomial result(base.size());
  result[0] = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = product(result, base);
    if (exponent > 1) base = product(base, base);
  }
  return result;
}

/// P(max c <= most). The counts are independent Poisson variables of mean p / S, given that their sum is p;
/// so it is the coefficient of x^p in (sum over c <= most of e^-λ λ^c / c! x^c)^S, divided by P(sum = p). All
/// terms are positive.
double no_value_above(const RecallSize& size, std::int64_t most) {
  const auto degree = static_cast<std::size_t>(size.pairs);
  const auto p = static_cast<double>(size.pairs), mean = p / static_cast<double>(size.symbols);
  Polynomial counts(degree + 1);
  double probability = std::exp(-mean);
  for (std::size_t c = 0; c <= std::min(degree, static_cast<std::size_t>(most)); ++c) {
    counts[c] = probability;
    probability *= mean / static_cast<double>(c + 1);
  }
  const double sum_is_p = std::exp(p * std::log(p) - p - std::lgamma(p + 1));
  return std::min(1.0, power(std::move(counts), size.symbols)[degree] / sum_is_p);
}

} // namespace

double shown_values_loss(const RecallSize& size, double smoothing) {
  // The expected smoothed label of a value shown c times is q(c); predicting it is optimal, its entropy is
  // the loss. By linearity the expectation over all values' counts is S times that over one value's.
  const auto p = static_cast<double>(size.pairs), symbols = static_cast<double>(size.symbols);
  return symbols * expectation(size, [&](double c) {
           const double q = (1 - smoothing) * c / p + smoothing / symbols;
           return q > 0 ? -q * std::log(q) : 0;
         });
}

double unsmoothed_shown_values_loss(const RecallSize& size, double smoothing) {
  const auto p = static_cast<double>(size.pairs), symbols = static_cast<double>(size.symbols);
  return symbols * expectation(size, [&](double c) {
           return c > 0 ? -c / p * std::log((1 - smoothing) * c / p + smoothing / symbols) : 0;
         });
}

double shown_values_accuracy(const RecallSize& size) {
  double expected_maximum = 0; // sum over m of P(max > m)
  for (std::int64_t m = 0; m < size.pairs; ++m) {
    const double above = m * size.symbols < size.pairs ? 1 : 1 - no_value_above(size, m);
    if (above < 1e-13) break;
    expected_maximum += above;
  }
  return expected_maximum / static_cast<double>(size.pairs);
}

double blind_hit_probability(const RecallSize& size) {
  return 1 - none(size);
}

} // namespace plateau::tasks
