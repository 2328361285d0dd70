#include "engine/training/learner.h"

#include <algorithm>
#include <limits>

#include "engine/optim/gradient_rescaling.h"
#include "engine/optim/schedules.h"
#include "engine/stopwatch.h"
#include "engine/study/fields.h"
#include "engine/training/generator.h"
#include "engine/training/upload.h"

namespace plateau::training {
namespace {

torch::Tensor image_tensor(const tasks::Batch& batch, const tasks::ImageShape& shape,
                           const torch::Device& device) {
  const auto view =
      torch::from_blob(const_cast<float*>(batch.images.data()),
                       {batch.count, shape.channels, shape.height, shape.width}, torch::kFloat32);
  return device.is_cpu() ? view.clone() : view.to(device);
}

torch::Tensor index_tensor(const std::vector<std::int64_t>& values, const torch::Device& device) {
  return torch::tensor(values, torch::kInt64).to(device);
}

torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing) {
  namespace F = torch::nn::functional;
  return F::cross_entropy(logits, labels, F::CrossEntropyFuncOptions().label_smoothing(smoothing));
}

constexpr std::int64_t evaluation_batch = 256;

fused::Precision precision(const study::Settings& settings) {
  return settings.training.precision == "bfloat16" ? fused::Precision::Bfloat16 : fused::Precision::Float32;
}

} // namespace

ValidationSet::ValidationSet(const tasks::Task& task, std::int64_t count, const torch::Device& device) {
  const auto batch = task.validation_set(count);
  images = image_tensor(batch, task.shape(), device);
  labels = index_tensor(batch.labels, device);
  alternatives = index_tensor(batch.alternatives, device);
}

Learner::Learner(const study::Settings& settings, std::int64_t seed, const tasks::Task& task,
                 const torch::Device& device, parallel::WorkerPool& pool)
    : settings(settings), seed(seed), task_(&task), device_(device), pool_(&pool) {
  build();
}

void Learner::build() {
  auto generator = make_generator(seed, Purpose::Initialisation, 0);
  model_ = models::make_model(settings, task_->shape(), task_->classes(), generator);
  parameters_ = std::make_unique<optim::ParameterBuffer>(*model_, device_);
  optimizer_ = std::make_unique<optim::AdamW>(*parameters_);
  if (settings.training.path == "fused")
    fused_ = FusedModel::make(*model_, *parameters_, precision(settings));
}

void Learner::change(const study::Assignment& assignment, const torch::Tensor& inputs, std::int64_t step,
                     std::int64_t planned_steps) {
  const auto before = settings.attention.variant;
  auto options = forward_options(step, planned_steps);
  auto changed = settings;
  study::set(changed, assignment);
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
  model_->forward(inputs, options);
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
  const auto data_seed = settings.training.data_seed >= 0 ? settings.training.data_seed : seed;
  const auto batch = task_->training_batch(data_seed, step, settings.training.batch_size);
  return {image_tensor(batch, task_->shape(), torch::kCPU), index_tensor(batch.labels, torch::kCPU)};
}

models::ForwardOptions Learner::training_options(std::int64_t step, std::int64_t planned_steps,
                                                 at::Generator& noise) const {
  auto options = forward_options(step, planned_steps);
  options.training = true;
  if (settings.model.drop_path > 0) noise = make_generator(seed, Purpose::Noise, step, device_);
  options.generator = &noise;
  return options;
}

void Learner::train_step(std::int64_t step, std::int64_t planned_steps, bool measures_gradients) {
  Stopwatch watch;
  const auto host = batch(step);
  const auto images = upload(host.images, device_), labels = upload(host.labels, device_);
  times_.data += watch.lap();

  at::Generator noise;
  const auto options = training_options(step, planned_steps, noise);
  const double smoothing = settings.training.label_smoothing;
  if (FusedModel* fused = fused_for(options)) {
    const auto result = fused->gradient(images, labels, smoothing, options, *parameters_, *pool_);
    known_metrics_.push_back({result.loss, result.accuracy});
    const double both = watch.lap();
    times_.forward += both * result.forward_share;
    times_.backward += both * (1 - result.forward_share);
  } else {
    const auto logits = model_->forward(images, options);
    const auto loss = cross_entropy(logits, labels, smoothing);
    times_.forward += watch.lap();
    parameters_->gradients.zero_();
    loss.backward();
    const auto right = (logits.detach().argmax(-1) == labels).to(torch::kFloat64).mean();
    step_metrics_.push_back(torch::stack({loss.detach().to(torch::kFloat64), right}));
    times_.backward += watch.lap();
  }

  if (measures_gradients) {
    measure_gradients();
    times_.probes += watch.lap();
  }
  optim::rescale_gradients(settings.optimizer.gradient_rescaling, model_->projections());
  optimizer_->step(*parameters_, settings.optimizer,
                   optim::learning_rate(settings.optimizer, step, planned_steps), *pool_);
  times_.optimizer += watch.lap();
}

void Learner::measure_gradients() {
  gradient_norms_ = {};
  probes::group_norms(model_->weight_groups(), probes::NormOf::Gradient, gradient_norms_);
}

fused::AdamWStep Learner::begin_update(std::int64_t step, std::int64_t planned_steps) {
  optim::rescale_gradients(settings.optimizer.gradient_rescaling, model_->projections());
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

torch::Tensor Learner::forward(const torch::Tensor& images, std::int64_t step, std::int64_t planned_steps,
                               models::Activations* record, models::Mixing mixing) {
  const torch::NoGradGuard no_grad;
  auto options = forward_options(step, planned_steps);
  options.record = record;
  options.mixing = mixing;
  if (FusedModel* fused = fused_for(options)) {
    if (record) return fused->probe(images, options, *parameters_, *pool_);
    if (mixing == models::Mixing::Attention) return fused->logits(images, options, *parameters_, *pool_);
  }
  return model_->forward(images, options);
}

Learner::Evaluation Learner::evaluate(const ValidationSet& validation, std::int64_t step,
                                      std::int64_t planned_steps) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  const auto count = validation.images.size(0);
  for (std::int64_t begin = 0; begin < count; begin += evaluation_batch)
    parts.push_back(forward(validation.images.slice(0, begin, std::min(begin + evaluation_batch, count)),
                            step, planned_steps, nullptr));
  const auto logits = torch::cat(parts);
  const auto answer = logits.argmax(-1);
  const auto right = answer == validation.labels;
  const auto either = right | (answer == validation.alternatives);
  const auto telling = either & (validation.labels != validation.alternatives);
  const auto sums = torch::stack({right.sum(), either.sum(), (right & telling).sum(), telling.sum()})
                        .to(torch::kCPU, torch::kFloat64);
  const double* sum = sums.data_ptr<double>();
  Evaluation result;
  result.loss = cross_entropy(logits.to(torch::kFloat64), validation.labels, 0).item<double>();
  result.accuracy = sum[0] / double(count);
  result.either_target = sum[1] / double(count);
  result.intermediate = sum[3] > 0 ? sum[2] / sum[3] : std::numeric_limits<double>::quiet_NaN();
  return result;
}

probes::Output Learner::probe(const ValidationSet& validation, ProbeSelection selection, std::int64_t step,
                              std::int64_t planned_steps) {
  probes::Output output;
  if (selection.weights) probes::group_norms(model_->weight_groups(), probes::NormOf::Weight, output);
  if (!selection.attention && !selection.saturation && !selection.components) return output;
  const auto images = validation.images.slice(0, 0, settings.probes.samples);
  models::Activations full;
  const auto logits =
      forward(images, step, planned_steps, &full).to(torch::kCPU, torch::kFloat32).contiguous();
  probes::to_host(full);
  if (selection.attention) probes::attention_maps(full, logits, settings.probes.map_samples, output);
  if (selection.saturation) probes::saturation(full, output);
  if (selection.components && !full.hidden.empty()) {
    models::Activations weights_only;
    forward(images, step, planned_steps, &weights_only, models::Mixing::Identity);
    probes::to_host(weights_only);
    probes::components(full, weights_only, output);
  }
  return output;
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
