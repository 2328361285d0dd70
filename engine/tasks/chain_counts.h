// What can be predicted of a Markov chain by counting (icl-plateaus.md 6.6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plateau::tasks {

/// Counts of one sequence's past, and the posterior-mean predictors from them under a uniform prior.
class ChainCounts {
public:
  explicit ChainCounts(std::int64_t states);

  void clear();
  /// The sequence goes on to this state.
  void add(std::int64_t state);

  /// Probabilities of the next state as fractions: counts[j] / total.
  struct Prediction {
    std::span<const std::int32_t> counts; // [states], valid until the next call
    std::int64_t total;
    double probability(std::int64_t state) const {
      return static_cast<double>(counts[static_cast<std::size_t>(state)]) / static_cast<double>(total);
    }
  };
  /// (n_j + 1) / (t + k): how often each of k states came among the t so far.
  Prediction unigram() const { return {occurrences_, seen_ + states_}; }
  /// (n_ij + 1) / (n_i + k): how often each came right after the state i that the sequence is in; n_i are the
  /// times that i was left. Needs a state to be in.
  Prediction bigram();

private:
  std::int64_t states_, seen_ = 0, now_ = -1;
  std::vector<std::int32_t> occurrences_;             // [states], plus 1
  std::vector<std::vector<std::int32_t>> successors_; // [states], of each in the order they came
  std::vector<std::int32_t> row_;                     // [states] of bigram()
  std::vector<std::int64_t> visited_;                 // what clear() has to undo
};

/// Σ_j p_j ln(p_j / q_j) of predictions p against q = softmax(logits), in nats. One object for many: it keeps
/// logarithms of whole numbers.
class PredictionDivergence {
public:
  /// For totals up to `largest`.
  explicit PredictionDivergence(std::int64_t largest);
  /// Logits -> ln q, in double. [states] each.
  static void log_softmax(std::span<const float> logits, std::span<double> log_q);
  double operator()(const ChainCounts::Prediction& prediction, std::span<const double> log_q) const;

private:
  std::vector<double> logs_; // ln n
};

} // namespace plateau::tasks
