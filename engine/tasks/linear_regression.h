// Linear regression in context (Ahn et al. 2024; linear-transformer.md A1): each prompt is a regression
// problem of its own, whose weight vector is to be told from its examples.
#pragma once

#include <optional>

#include "engine/tasks/covariates.h"
#include "engine/tasks/random_network.h"
#include "engine/tasks/task.h"

namespace plateau::tasks {

/// y = ⟨w, x⟩, or ⟨w, f(x)⟩ with a fixed random network f, without noise; w ~ N(0, I) per prompt. Sample i
/// does not depend on `count`.
class LinearRegression final : public Task {
public:
  /// Throws InputError when the covariates' or the targets' name is unknown.
  explicit LinearRegression(const study::TaskSettings& settings);

  InputShape shape() const override {
    return {.kind = InputShape::Kind::Prompts, .dimension = dimension_, .context = context_};
  }
  std::int64_t classes() const override { return 1; }
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  Batch validation_set(std::int64_t count) const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

private:
  Batch make_batch(Purpose purpose, std::int64_t seed, std::int64_t step, std::int64_t count) const;
  /// E y², which is the loss of predicting 0: E |x|², or E |f(x)|² estimated from many covariates,
  /// to about 1 % (a few % for the smallest gamma shapes).
  double mean_squared_response() const;

  std::int64_t dimension_, context_;
  Covariates covariates_;
  std::optional<RandomNetwork> network_; // f, if there is one
};

} // namespace plateau::tasks
