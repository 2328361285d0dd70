// Modular arithmetic from a part of all its equations (Power et al., Grokking, 2022; grokking.md 1.1): those
// can be memorised, the others are got right only by who has found out the rule.
#pragma once

#include <span>
#include <vector>

#include "engine/tasks/modular_operation.h"
#include "engine/tasks/task.h"

namespace plateau::tasks {

/// Tokens (a, b, "="), of which the last is read; the class is c = a ∘ b mod p. "=" is token and class p and
/// never the answer.
///
/// The seed puts all pairs in an order. The last int((1 - train_share) pairs) of them are the test set, the
/// others the training set, one pair at least in each: with the same seed, more training pairs contain fewer.
class ModularArithmetic final : public Task {
public:
  /// Throws InputError as ModularOperation does.
  ModularArithmetic(const study::TaskSettings& settings, std::int64_t seed);

  InputShape shape() const override {
    return {.kind = InputShape::Kind::Tokens, .vocabulary = modulus() + 1, .positions = 3};
  }
  std::int64_t classes() const override { return modulus() + 1; }
  std::int64_t training_set_size() const override { return training_size_; }
  /// Different pairs, drawn anew at each step; sample i does not depend on `count`. From training_set_size()
  /// on: all, in the same order for every seed and step.
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  /// The first `count` pairs of the test set, or all of them.
  Batch validation_set(std::int64_t count) const override;
  analysis::DetectorOptions detector() const override {
    return {.watches = analysis::DetectorOptions::Watches::Generalisation};
  }
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

private:
  struct Pair {
    std::int32_t a, b;
  };
  using Pairs = std::span<const Pair>;
  std::int64_t modulus() const { return operation_.modulus(); }
  Pairs training() const { return Pairs(pairs_).first(static_cast<std::size_t>(training_size_)); }
  Pairs test() const { return Pairs(pairs_).subspan(static_cast<std::size_t>(training_size_)); }
  Batch make_batch(Pairs pairs) const;

  ModularOperation operation_;
  std::vector<Pair> pairs_; // all there are, in the seed's order
  std::int64_t training_size_;
};

} // namespace plateau::tasks
