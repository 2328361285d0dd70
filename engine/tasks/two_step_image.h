// The two-step image task (Hoffmann et al. 2024; eureka.md 1.2, 1.3): a hidden decision z about a 2x2 canvas
// of images says which of two candidates is the label. Pixels are not normalised and colours not clipped, as
// in the authors' code.
#pragma once

#include "engine/tasks/task.h"
#include "engine/tasks/two_step_variant.h"

namespace plateau::tasks {

class TwoStepImage final : public Task {
public:
  TwoStepImage(std::string title, std::unique_ptr<TwoStepVariant> variant,
               const study::TaskSettings& settings);

  InputShape shape() const override { return {.channels = 3, .height = 2 * cell_, .width = 2 * cell_}; }
  std::int64_t classes() const override { return 10; }
  /// Images of the training split, drawn anew for each sample; sample i does not depend on `count`.
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  /// Images of the held-out split; a smaller set is the beginning of a larger one.
  Batch validation_set(std::int64_t count) const override;
  /// Is the answer one of the two candidates, and the right one of the two?
  Metrics measure(const Batch& validation, const Answers& answers) const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

private:
  Batch make_batch(Split split, Purpose purpose, std::int64_t seed, std::int64_t step,
                   std::int64_t count) const;
  void paint(Scene& scene, Random& random, float* canvas) const;

  std::string title_;
  std::unique_ptr<TwoStepVariant> variant_;
  std::int64_t cell_;
  double color_noise_;
  double same_probability_;
  std::vector<float> black_; // one cell of zeros
};

} // namespace plateau::tasks
