// What a learner's model says, and what it said before it was trained (model.subtract_initial: Kumar et al.
// 2024).
#include <algorithm>

#include "engine/training/learner.h"

namespace plateau::training {
namespace {

constexpr std::int64_t most_evaluated = 1024; // at once

} // namespace

torch::Tensor Learner::outputs_of(models::Model& model, const optim::ParameterBuffer& parameters,
                                  const torch::Tensor& inputs, const models::ForwardOptions& options) {
  const torch::NoGradGuard no_grad;
  if (FusedModel* fused = options.needs_module() ? nullptr : fused_for(options)) {
    if (options.record) return fused->probe(inputs, options, parameters, *pool_);
    if (options.mixing == models::Mixing::Attention)
      return fused->logits(inputs, options, parameters, *pool_);
  }
  return model.forward(inputs, options);
}

torch::Tensor Learner::validation_outputs(models::Model& model, const optim::ParameterBuffer& parameters,
                                          const models::ForwardOptions& options) {
  const auto& inputs = data_->validation.inputs;
  // As many at once as in training: the fused path keeps memory for each batch size.
  const auto batch_size = settings.training.batch_size;
  const auto chunk = batch_size > 0 ? std::min(batch_size, most_evaluated) : most_evaluated;
  std::vector<torch::Tensor> parts;
  for (std::int64_t begin = 0; begin < inputs.size(0); begin += chunk) {
    const auto part = inputs.slice(0, begin, std::min(begin + chunk, inputs.size(0)));
    parts.push_back(fused_linear_ ? fused_linear_->predictions(parameters.values, part, *pool_)
                                  : outputs_of(model, parameters, part, options));
  }
  return torch::cat(parts);
}

Learner::Initial& Learner::initial_for(const models::ForwardOptions& options) {
  auto& initial = *initial_;
  if (initial.variant != options.variant->info.name || initial.attention != *options.attention ||
      initial.temperature != options.temperature) {
    initial.variant = options.variant->info.name;
    initial.attention = *options.attention;
    initial.temperature = options.temperature;
    initial.training = initial.validation = torch::Tensor();
  }
  return initial;
}

torch::Tensor Learner::offsets(const torch::Tensor& inputs, models::ForwardOptions options) {
  if (!initial_) return {};
  options.training = false; // without the noise of training
  options.generator = nullptr;
  options.record = nullptr;
  return -outputs_of(*initial_->model, *initial_->parameters, inputs, options);
}

torch::Tensor Learner::validation_offsets(const models::ForwardOptions& options) {
  auto& initial = initial_for(options);
  if (!initial.validation.defined())
    initial.validation = -validation_outputs(*initial.model, *initial.parameters, options);
  return initial.validation;
}

} // namespace plateau::training
