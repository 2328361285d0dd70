// Associative recall, k1 v1 ... kp vp kq -> vq (Ba et al., Using Fast Weights to Attend to the Recent Past,
// NeurIPS 2016): keys and values are paired anew in each sequence, so the answer can only be read from the
// sequence itself.
#pragma once

#include "engine/tasks/random.h"
#include "engine/tasks/recall_theory.h"
#include "engine/tasks/task.h"

namespace plateau::tasks {

/// The keys of a sequence are distinct, its values drawn independently, the question is uniform over its
/// pairs. Tokens: keys 0 .. symbols - 1, then the values; a label is a value's number, 0 .. symbols - 1.
/// Sample i does not depend on `count`.
class AssociativeRecall final : public Task {
public:
  /// Throws InputError when there are fewer symbols than pairs.
  explicit AssociativeRecall(const study::TaskSettings& settings);

  InputShape shape() const override {
    return {.kind = InputShape::Kind::Tokens, .vocabulary = 2 * size_.symbols, .positions = positions()};
  }
  std::int64_t classes() const override { return size_.symbols; }
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  Batch validation_set(std::int64_t count) const override;
  /// Is the answer one of the values shown?
  Metrics measure(const Batch& validation, const Answers& answers) const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

private:
  std::int64_t positions() const { return 2 * size_.pairs + 1; }
  Batch make_batch(Purpose purpose, std::int64_t seed, std::int64_t step, std::int64_t count) const;

  RecallSize size_;
};

} // namespace plateau::tasks
