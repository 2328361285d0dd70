#include "engine/training/learner.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/analysis/statistics.h"
#include "engine/models/upload.h"
#include "engine/optim/schedules.h"
#include "engine/stopwatch.h"
#include "engine/study/fields.h"
#include "engine/training/generator.h"

namespace plateau::training {
namespace {

constexpr double no_accuracy = std::numeric_limits<double>::quiet_NaN();

fused::Precision precision(const study::Settings& settings) {
  return settings.training.precision == "bfloat16" ? fused::Precision::Bfloat16 : fused::Precision::Float32;
}

} // namespace

Learner::Learner(const study::Settings& settings, std::int64_t seed, const TaskData& data,
                 const torch::Device& device, parallel::WorkerPool& pool)
    : settings(settings), seed(seed), data_(&data), device_(device), pool_(&pool) {
  build();
}

void Learner::build() {
  const auto shape = data_->task->shape();
  const auto make = [&] {
    auto generator = make_generator(seed, Purpose::Initialisation, 0);
    return models::make_model(settings, shape, model_outputs(*data_->task), generator);
  };
  model_ = make();
  parameters_ = std::make_unique<optim::ParameterBuffer>(*model_, device_);
  optimizer_ = std::make_unique<optim::Optimizer>(*parameters_);
  landscape_.reset();
  initial_.reset();
  if (settings.model.subtract_initial && shape.kind != tasks::InputShape::Kind::Prompts) {
    initial_ = std::make_unique<Initial>();
    initial_->model = make();
    initial_->parameters = std::make_unique<optim::ParameterBuffer>(*initial_->model, device_);
  }
  if (settings.training.path != "fused") return;
  fused_linear_ = FusedLinear<float>::make(*model_, shape, device_);
  fused_ = FusedModel::make(*model_, *parameters_, precision(settings));
}

void Learner::change(const study::Assignment& assignment, std::int64_t step, std::int64_t planned_steps) {
  const auto before = settings.attention.variant;
  auto options = forward_options(step, planned_steps);
  auto changed = settings;
  study::set(changed, assignment);
  if (changed.optimizer.kind != settings.optimizer.kind) optimizer_->forget();
  if (changed.optimizer.modifier != settings.optimizer.modifier) optimizer_->slow_gradient = torch::Tensor();
  if (changed.training.loss != settings.training.loss) landscape_.reset();
  const bool other_variant = changed.attention.variant != before && model_->transformer_shape();
  const auto needs_own = [](const std::string& name) { return !attention::variant(name).own.empty(); };
  if (!other_variant || (!needs_own(before) && !needs_own(changed.attention.variant))) {
    settings = std::move(changed);
    return;
  }
  const torch::NoGradGuard no_grad;
  models::Activations seen;
  seen.keep_layers = true;
  options.record = &seen;
  model_->forward(data_->validation.inputs.slice(0, 0, settings.probes.samples), options);
  settings = std::move(changed);
  rebuild(seen);
}

void Learner::rebuild(const models::Activations& before) {
  model_->settle();
  const auto old_model = std::move(model_);
  const auto old_parameters = std::move(parameters_);
  const auto old_optimizer = std::move(optimizer_);
  build();
  if (old_optimizer->slow_gradient.defined())
    optimizer_->slow_gradient = torch::zeros_like(parameters_->values);
  const auto& old = old_parameters->slices();
  for (const auto& slice : parameters_->slices()) {
    const auto same =
        std::find_if(old.begin(), old.end(), [&](const auto& other) { return other.name == slice.name; });
    // A variant's own are for go_on(): two variants may mean different things by one name.
    if (same == old.end() || slice.name.find(".attention.") != std::string::npos) continue;
    std::int64_t count = 1;
    for (const auto extent : slice.shape) count *= extent;
    const auto take = [&](const torch::Tensor& to, const torch::Tensor& from) {
      to.narrow(0, slice.begin, count).copy_(from.narrow(0, same->begin, count));
    };
    take(parameters_->values, old_parameters->values);
    take(optimizer_->first_moment, old_optimizer->first_moment);
    take(optimizer_->second_moment, old_optimizer->second_moment);
    if (optimizer_->slow_gradient.defined()) take(optimizer_->slow_gradient, old_optimizer->slow_gradient);
  }
  optimizer_->updates = old_optimizer->updates;
  model_->go_on(before.layers);
}

models::ForwardOptions Learner::forward_options(std::int64_t step, std::int64_t planned_steps) const {
  models::ForwardOptions options;
  options.variant = &attention::find_variant(settings.attention.variant);
  options.attention = &settings.attention;
  options.temperature = optim::temperature(settings.attention, step, planned_steps);
  return options;
}

FusedModel* Learner::fused_for(const models::ForwardOptions& options) const {
  return FusedModel::can_attend(*options.variant, settings.attention) ? fused_.get() : nullptr;
}

Learner::Batch Learner::batch(std::int64_t step) const {
  if (settings.training.batch_size == 0) {
    const auto& all = data_->training.value();
    return {all.inputs, all.labels, extra_targets(settings, all.batch, task())};
  }
  const auto& strategy = settings.strategy;
  const double fixed_share = step < strategy.fixed_first ? 1 : strategy.fixed_share;
  const auto batch =
      data_->task->training_batch(data_seed(), step, settings.training.batch_size, fixed_share);
  const auto shape = data_->task->shape();
  return {input_tensor(batch, shape), label_tensor(batch, shape), extra_targets(settings, batch, task())};
}

torch::Tensor Learner::on_device(const torch::Tensor& tensor) const {
  return tensor.defined() && tensor.is_cpu() ? models::upload(tensor, device_) : tensor;
}

Targets Learner::targets_of(const Batch& host, const torch::Tensor& inputs,
                            const models::ForwardOptions& options) {
  Targets targets{on_device(host.labels), on_device(host.extra), {}};
  if (!initial_) return targets;
  if (!data_->training || !inputs.is_same(data_->training->inputs)) {
    targets.offsets = offsets(inputs, options);
    return targets;
  }
  auto& initial = initial_for(options);
  if (!initial.training.defined()) initial.training = offsets(inputs, options);
  targets.offsets = initial.training;
  return targets;
}

models::ForwardOptions Learner::training_options(std::int64_t step, std::int64_t planned_steps,
                                                 at::Generator& noise) const {
  auto options = forward_options(step, planned_steps);
  options.training = true;
  if (settings.model.drop_path > 0) noise = make_generator(seed, Purpose::Noise, step, device_);
  options.generator = &noise;
  return options;
}

Learner::BatchResult Learner::compute_gradient(const torch::Tensor& inputs, const Targets& targets,
                                               const models::ForwardOptions& options) {
  Stopwatch watch;
  if (fused_linear_) {
    const double loss =
        fused_linear_->gradient(parameters_->values, inputs, targets.labels, *pool_, parameters_->gradients);
    const bool holds = std::isfinite(loss) && std::isfinite(parameters_->gradients.sum().item<float>());
    auto result = holds ? BatchResult{StepMetric{loss, no_accuracy}, {}, {}}
                        : gradient_in_float64(inputs, targets.labels);
    times_.backward += watch.lap();
    return result;
  }
  const auto loss = training_loss(settings, task());
  if (FusedModel* fused = fused_for(options)) {
    const auto result = fused->gradient(inputs, targets, loss, options, *parameters_, *pool_);
    const double both = watch.lap();
    times_.forward += both * result.forward_share;
    times_.backward += both * (1 - result.forward_share);
    return {StepMetric{result.loss, result.accuracy}, {}, {}};
  }
  auto answers = model_->forward(inputs, options);
  if (targets.offsets.defined()) answers = answers + targets.offsets;
  const auto losses = mean_losses(answers, targets, loss);
  times_.forward += watch.lap();
  parameters_->gradients.zero_();
  losses.total.backward();
  const auto right = accuracy(answers, targets.labels, loss.classes);
  times_.backward += watch.lap();
  return {{}, torch::stack({losses.labels.detach().to(torch::kFloat64), right}), {}};
}

Learner::BatchResult Learner::gradient_in_float64(const torch::Tensor& inputs, const torch::Tensor& targets) {
  const torch::NoGradGuard no_grad;
  const auto form = FusedLinear<double>::make(*model_, data_->task->shape(), device_);
  auto gradient = torch::empty({parameters_->size()}, torch::kFloat64);
  const double loss =
      form->gradient(parameters_->values.to(torch::kFloat64), inputs, targets, *pool_, gradient);
  return {StepMetric{loss, no_accuracy}, {}, gradient};
}

void Learner::train_step(std::int64_t step, std::int64_t planned_steps, StepMeasures measures) {
  Stopwatch watch;
  const auto host = batch(step);
  const auto inputs = on_device(host.inputs);
  times_.data += watch.lap();

  at::Generator noise;
  const auto options = training_options(step, planned_steps, noise);
  const auto targets = targets_of(host, inputs, options);
  times_.forward += watch.lap();
  auto result = compute_gradient(inputs, targets, options);
  if (result.known)
    known_metrics_.push_back(*result.known);
  else
    step_metrics_.push_back(std::move(result.on_device));
  if (result.exact.defined()) { // clipped while it still fits
    optim::clip_gradients(result.exact, settings.optimizer.clip_norm);
    parameters_->gradients.copy_(result.exact);
  }

  watch.lap();
  step_output_ = {};
  if (measures.gradients) measure_gradients();
  const auto before = measures.smoothness ? parameters_->values.clone() : torch::Tensor();
  times_.probes += watch.lap();
  prepare_update();
  optimizer_->step(*parameters_, settings.optimizer, optim::learning_rate(settings, step, planned_steps),
                   *pool_);
  finish_update(step, planned_steps);
  times_.optimizer += watch.lap();
  if (measures.smoothness) measure_smoothness(before, step, planned_steps);
}

void Learner::move_to(const torch::Tensor& values, const torch::Tensor& gradients,
                      const torch::Tensor& first_moment, const torch::Tensor& second_moment) {
  parameters_->move_to(values, gradients);
  optimizer_->first_moment = first_moment.copy_(optimizer_->first_moment);
  optimizer_->second_moment = second_moment.copy_(optimizer_->second_moment);
}

std::vector<Learner::StepMetric> Learner::take_step_metrics() {
  auto metrics = std::exchange(known_metrics_, {});
  if (step_metrics_.empty()) return metrics;
  const auto values = torch::stack(step_metrics_).to(torch::kCPU).contiguous();
  const double* data = values.data_ptr<double>();
  for (std::size_t i = 0; i < step_metrics_.size(); ++i) metrics.push_back({data[2 * i], data[2 * i + 1]});
  step_metrics_.clear();
  return metrics;
}

torch::Tensor Learner::forward(const torch::Tensor& inputs, std::int64_t step, std::int64_t planned_steps,
                               models::Activations* record, models::Mixing mixing, bool unit_mlp_input) {
  const torch::NoGradGuard no_grad;
  if (fused_linear_) return fused_linear_->predictions(parameters_->values, inputs, *pool_);
  auto options = forward_options(step, planned_steps);
  options.record = record;
  options.mixing = mixing;
  options.unit_mlp_input = unit_mlp_input;
  const auto outputs = outputs_of(*model_, *parameters_, inputs, options);
  return initial_ ? outputs + offsets(inputs, options) : outputs;
}

Learner::Evaluation Learner::evaluate(std::int64_t step, std::int64_t planned_steps) {
  const torch::NoGradGuard no_grad;
  const auto& validation = data_->validation;
  const auto options = forward_options(step, planned_steps);
  auto answers = validation_outputs(*model_, *parameters_, options);
  if (initial_) answers += validation_offsets(options);
  const auto outputs = class_logits(answers).to(torch::kFloat64);
  Evaluation result;
  if (validation.labels.is_floating_point()) {
    const auto errors = (outputs - validation.labels).square().to(torch::kCPU).contiguous();
    const double* error = errors.data_ptr<double>();
    const auto center = analysis::robust_means({error, error + errors.numel()});
    result.loss = center.mean;
    result.accuracy = no_accuracy;
    result.more = {{"loss/validation-median", center.median}, {"loss/validation-trimmed", center.trimmed}};
    return result;
  }
  const auto mean = [&](fused::LossKind kind) {
    fused::Loss loss;
    loss.kind = kind;
    return mean_losses(outputs, {validation.labels, {}, {}}, loss).labels.item<double>();
  };
  const double cross_entropy = mean(fused::LossKind::CrossEntropy);
  // What a squared loss makes small says little about probabilities, and nothing beside the training loss.
  result.loss = settings.training.loss == "squared" ? mean(fused::LossKind::Squared) : cross_entropy;
  const auto classes = outputs.argmax(-1).to(torch::kCPU).contiguous();
  const std::span<const std::int64_t> answer(classes.data_ptr<std::int64_t>(), std::size_t(classes.numel()));
  double right = 0, asked = 0;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    right += answer[i] == validation.batch.labels[i];
    asked += validation.batch.labels[i] >= 0;
  }
  result.accuracy = right / asked;
  const auto logits = outputs.to(torch::kCPU, torch::kFloat32).contiguous();
  result.more = data_->task->measure(
      validation.batch, {answer, {logits.data_ptr<float>(), std::size_t(logits.numel())}, cross_entropy});
  return result;
}

LearnerState Learner::state() const {
  const auto copy = [](const torch::Tensor& tensor) { return tensor.detach().to(torch::kCPU).clone(); };
  LearnerState state{copy(parameters_->values),
                     copy(optimizer_->first_moment),
                     copy(optimizer_->second_moment),
                     optimizer_->updates,
                     {},
                     {}};
  if (optimizer_->slow_gradient.defined()) state.slow_gradient = copy(optimizer_->slow_gradient);
  for (const auto& buffer : model_->buffers()) state.buffers.push_back(copy(buffer));
  return state;
}

void Learner::load(const LearnerState& state) {
  const torch::NoGradGuard no_grad;
  parameters_->values.copy_(state.values);
  optimizer_->first_moment.copy_(state.first_moment);
  optimizer_->second_moment.copy_(state.second_moment);
  optimizer_->updates = state.updates;
  optimizer_->slow_gradient = state.slow_gradient.defined()
                                  ? state.slow_gradient.to(device_, torch::kFloat32, false, true)
                                  : torch::Tensor();
  const auto buffers = model_->buffers();
  for (std::size_t i = 0; i < buffers.size(); ++i) buffers[i].copy_(state.buffers.at(i));
}

StepTimes Learner::take_times() {
  return std::exchange(times_, {});
}

} // namespace plateau::training
