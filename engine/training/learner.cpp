#include "engine/training/learner.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/analysis/statistics.h"
#include "engine/models/upload.h"
#include "engine/optim/gradient_rescaling.h"
#include "engine/optim/schedules.h"
#include "engine/stopwatch.h"
#include "engine/study/fields.h"
#include "engine/training/generator.h"

namespace plateau::training {
namespace {

constexpr std::int64_t most_evaluated = 1024; // at once
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
  auto generator = make_generator(seed, Purpose::Initialisation, 0);
  const auto shape = data_->task->shape();
  model_ = models::make_model(settings, shape, data_->task->classes(), generator);
  parameters_ = std::make_unique<optim::ParameterBuffer>(*model_, device_);
  optimizer_ = std::make_unique<optim::Optimizer>(*parameters_);
  landscape_.reset();
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
  if (settings.training.batch_size == 0) return {data_->training->inputs, data_->training->labels};
  const auto data_seed = settings.training.data_seed >= 0 ? settings.training.data_seed : seed;
  const auto& strategy = settings.strategy;
  const double fixed_share = step < strategy.fixed_first ? 1 : strategy.fixed_share;
  const auto batch = data_->task->training_batch(data_seed, step, settings.training.batch_size, fixed_share);
  const auto shape = data_->task->shape();
  return {input_tensor(batch, shape), label_tensor(batch, shape)};
}

models::ForwardOptions Learner::training_options(std::int64_t step, std::int64_t planned_steps,
                                                 at::Generator& noise) const {
  auto options = forward_options(step, planned_steps);
  options.training = true;
  if (settings.model.drop_path > 0) noise = make_generator(seed, Purpose::Noise, step, device_);
  options.generator = &noise;
  return options;
}

Learner::BatchResult Learner::compute_gradient(const torch::Tensor& inputs, const torch::Tensor& labels,
                                               double smoothing, const models::ForwardOptions& options) {
  Stopwatch watch;
  if (fused_linear_) {
    const double loss =
        fused_linear_->gradient(parameters_->values, inputs, labels, *pool_, parameters_->gradients);
    const bool holds = std::isfinite(loss) && std::isfinite(parameters_->gradients.sum().item<float>());
    auto result =
        holds ? BatchResult{StepMetric{loss, no_accuracy}, {}, {}} : gradient_in_float64(inputs, labels);
    times_.backward += watch.lap();
    return result;
  }
  if (FusedModel* fused = fused_for(options)) {
    const auto result = fused->gradient(inputs, labels, smoothing, options, *parameters_, *pool_);
    const double both = watch.lap();
    times_.forward += both * result.forward_share;
    times_.backward += both * (1 - result.forward_share);
    return {StepMetric{result.loss, result.accuracy}, {}, {}};
  }
  const auto outputs = model_->forward(inputs, options);
  const auto loss = mean_loss(outputs, labels, smoothing);
  times_.forward += watch.lap();
  parameters_->gradients.zero_();
  loss.backward();
  const auto exact_loss = loss.detach().to(torch::kFloat64);
  const auto right = labels.is_floating_point()
                         ? torch::full_like(exact_loss, no_accuracy)
                         : (outputs.detach().argmax(-1) == labels).to(torch::kFloat64).mean();
  times_.backward += watch.lap();
  return {{}, torch::stack({exact_loss, right}), {}};
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
  const auto inputs = models::upload(host.inputs, device_), labels = models::upload(host.labels, device_);
  times_.data += watch.lap();

  at::Generator noise;
  const auto options = training_options(step, planned_steps, noise);
  auto result = compute_gradient(inputs, labels, settings.training.label_smoothing, options);
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
  optim::rescale_gradients(settings.optimizer.gradient_rescaling, model_->projections());
  optim::clip_gradients(parameters_->gradients, settings.optimizer.clip_norm);
  optimizer_->step(*parameters_, settings.optimizer,
                   optim::learning_rate(settings.optimizer, step, planned_steps), *pool_);
  times_.optimizer += watch.lap();
  if (measures.smoothness) measure_smoothness(before, step, planned_steps);
}

void Learner::measure_gradients() {
  step_output_ = {};
  probes::group_norms(model_->weight_groups(), probes::NormOf::Gradient, step_output_);
}

fused::AdamWStep Learner::begin_update(std::int64_t step, std::int64_t planned_steps) {
  optim::rescale_gradients(settings.optimizer.gradient_rescaling, model_->projections());
  optim::clip_gradients(parameters_->gradients, settings.optimizer.clip_norm);
  return optimizer_->next(settings.optimizer, optim::learning_rate(settings.optimizer, step, planned_steps));
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
  if (FusedModel* fused = options.needs_module() ? nullptr : fused_for(options)) {
    if (record) return fused->probe(inputs, options, *parameters_, *pool_);
    if (mixing == models::Mixing::Attention) return fused->logits(inputs, options, *parameters_, *pool_);
  }
  return model_->forward(inputs, options);
}

Learner::Evaluation Learner::evaluate(std::int64_t step, std::int64_t planned_steps) {
  const torch::NoGradGuard no_grad;
  const auto& validation = data_->validation;
  std::vector<torch::Tensor> parts;
  const auto count = validation.inputs.size(0);
  // As many at once as in training: the fused path keeps memory for each batch size.
  const auto batch_size = settings.training.batch_size;
  const auto chunk = batch_size > 0 ? std::min(batch_size, most_evaluated) : most_evaluated;
  for (std::int64_t begin = 0; begin < count; begin += chunk)
    parts.push_back(forward(validation.inputs.slice(0, begin, std::min(begin + chunk, count)), step,
                            planned_steps, nullptr));
  const auto outputs = torch::cat(parts).to(torch::kFloat64);
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
  result.loss = mean_loss(outputs, validation.labels, 0).item<double>();
  const auto answers = outputs.argmax(-1).to(torch::kCPU).contiguous();
  const std::span<const std::int64_t> answer(answers.data_ptr<std::int64_t>(), std::size_t(answers.numel()));
  double right = 0, asked = 0;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    right += answer[i] == validation.batch.labels[i];
    asked += validation.batch.labels[i] >= 0;
  }
  result.accuracy = right / asked;
  const auto logits = outputs.to(torch::kCPU, torch::kFloat32).contiguous();
  result.more = data_->task->measure(
      validation.batch, {answer, {logits.data_ptr<float>(), std::size_t(logits.numel())}, result.loss});
  return result;
}

LearnerState Learner::state() const {
  const auto copy = [](const torch::Tensor& tensor) { return tensor.detach().to(torch::kCPU).clone(); };
  LearnerState state{copy(parameters_->values),
                     copy(optimizer_->first_moment),
                     copy(optimizer_->second_moment),
                     optimizer_->updates,
                     {}};
  for (const auto& buffer : model_->buffers()) state.buffers.push_back(copy(buffer));
  return state;
}

void Learner::load(const LearnerState& state) {
  const torch::NoGradGuard no_grad;
  parameters_->values.copy_(state.values);
  optimizer_->first_moment.copy_(state.first_moment);
  optimizer_->second_moment.copy_(state.second_moment);
  optimizer_->updates = state.updates;
  const auto buffers = model_->buffers();
  for (std::size_t i = 0; i < buffers.size(); ++i) buffers[i].copy_(state.buffers.at(i));
}

StepTimes Learner::take_times() {
  return std::exchange(times_, {});
}

} // namespace plateau::training
