// What happens between a gradient and the next one: rescale, modify, clip, update, keep the norm.
#include <cmath>
#include <utility>

#include "engine/optim/gradient_rescaling.h"
#include "engine/optim/modifiers.h"
#include "engine/optim/schedules.h"
#include "engine/training/learner.h"

namespace plateau::training {

void Learner::measure_gradients() {
  step_output_ = {};
  probes::group_norms(model_->weight_groups(), probes::NormOf::Gradient, step_output_);
  if (settings.model.kind == "arithmetic-transformer")
    before_ = {parameters_->values.clone(), parameters_->gradients.clone()};
}

void Learner::prepare_update() {
  const auto& optimizer = settings.optimizer;
  optim::rescale_gradients(optimizer.gradient_rescaling, model_->projections());
  if (optimizer.modifier == "perpendicular") optim::keep_perpendicular(*parameters_);
  if (optimizer.modifier == "grokfast")
    optim::add_slow_gradient(optimizer_->slow_gradient, parameters_->gradients, optimizer.grokfast_memory,
                             optimizer.grokfast_gain);
  optim::clip_gradients(parameters_->gradients, optimizer.clip_norm);
  if (optimizer.constant_norm) norm_before_ = optim::total_norm(parameters_->values);
}

fused::AdamWStep Learner::begin_update(std::int64_t step, std::int64_t planned_steps) {
  prepare_update();
  return optimizer_->next(settings.optimizer, optim::learning_rate(settings, step, planned_steps));
}

void Learner::finish_update(std::int64_t step, std::int64_t planned_steps) {
  if (norm_before_.defined()) optim::restore_norm(parameters_->values, std::exchange(norm_before_, {}));
  const auto before = std::exchange(before_, {});
  if (!before) return;
  const double rate = optim::learning_rate(settings, step, planned_steps);
  const auto norms = optim::update_norms(before->values, parameters_->values, before->gradient,
                                         parameters_->decay, optim::decay_per_step(settings.optimizer, rate));
  step_output_.add("optimizer/update-norm", norms.update);
  step_output_.add("optimizer/gradient-norm", norms.gradient);
  // Of an update, or of a gradient, of exactly 0 there is no such number.
  if (std::isfinite(norms.decay_share)) step_output_.add("optimizer/decay-share", norms.decay_share);
  if (std::isfinite(norms.scaling_cosine)) step_output_.add("optimizer/scaling-cosine", norms.scaling_cosine);
}

} // namespace plateau::training
