// Markov chains, each sequence of its own (Edelman et al., The Evolution of Statistical Induction Heads,
// NeurIPS 2024; icl-plateaus.md 6.6): which state follows which must be counted in the sequence itself.
#pragma once

#include <vector>

#include "engine/tasks/random.h"
#include "engine/tasks/task.h"

namespace plateau::tasks {

/// States 0 .. symbols - 1; the next state is asked for at each of `length` positions, so that one more state
/// is drawn than is shown. Each row of a sequence's transition matrix is Dirichlet(1, ..., 1), the first
/// state uniform: then no predictor is better than that of the pairs counted so far (ChainCounts::bigram).
/// Sample i does not depend on `count`.
class MarkovChains final : public Task {
public:
  explicit MarkovChains(const study::TaskSettings& settings)
      : states_(settings.symbols), length_(settings.length),
        validation_samples_(settings.validation_samples) {}

  InputShape shape() const override {
    return {
        .kind = InputShape::Kind::Tokens, .vocabulary = states_, .positions = length_, .outputs = length_};
  }
  std::int64_t classes() const override { return states_; }
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  Batch validation_set(std::int64_t count) const override;
  /// KL(predictor ‖ model) of the two predictors in ChainCounts, mean over all positions, in nats:
  /// reference/unigram-distance and reference/bigram-distance.
  Metrics measure(const Batch& validation, const Answers& answers) const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

private:
  Batch make_batch(Purpose purpose, std::int64_t seed, std::int64_t step, std::int64_t count) const;
  std::vector<training::Guide> guides(double label_smoothing) const;

  std::int64_t states_, length_, validation_samples_;
};

} // namespace plateau::tasks
