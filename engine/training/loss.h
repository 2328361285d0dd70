// Internal: the mean loss that training minimises, by LibTorch: what autograd differentiates, and in float64
// the definition that the fused path is held against. Its terms stand in fused/loss.h.
#pragma once

#include <torch/types.h>

#include "engine/fused/loss.h"
#include "engine/study/settings.h"
#include "engine/tasks/task.h"

namespace plateau::training {

/// What the answers to a batch are held against.
struct Targets {
  /// Classes [B] or [B, outputs] (int64), -1: not asked for; or numbers [B] of regression.
  torch::Tensor labels;
  torch::Tensor extra;   // [B, outputs, groups] int64 of the second loss; undefined: there is none
  torch::Tensor offsets; // as the model's outputs: answers are outputs + offsets; undefined: none
};

/// How many numbers a model of this task says at each place: a logit for each class, then those that only the
/// second loss asks for.
std::int64_t model_outputs(const tasks::Task& task);

/// As the settings train it.
fused::Loss training_loss(const study::Settings& settings, const tasks::Task& task);
/// Of the labels alone, without smoothing: where loss and curvature are measured on fixed samples.
fused::Loss label_loss(const study::Settings& settings, const tasks::Task& task);

/// What the settings' second loss asks of a batch, [B, outputs, groups] on the CPU; undefined: nothing.
torch::Tensor extra_targets(const study::Settings& settings, const tasks::Batch& batch,
                            const tasks::Task& task);

struct Losses {
  torch::Tensor labels; // the mean over what is labelled, or the mean squared error of regression
  torch::Tensor total;  // with the second loss
};
/// In the answers' precision unless the loss asks for float64. Differentiable.
Losses mean_losses(const torch::Tensor& answers, const Targets& targets, const fused::Loss& loss);

/// Share of the labelled rows whose largest logit among the classes is the label's, float64; NaN for
/// regression.
torch::Tensor accuracy(const torch::Tensor& answers, const torch::Tensor& labels, std::int64_t classes);

} // namespace plateau::training
