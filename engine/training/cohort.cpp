#include "engine/training/cohort.h"

#include <spdlog/spdlog.h>
#include <utility>

#include "engine/models/upload.h"
#include "engine/stopwatch.h"

namespace plateau::training {
namespace {

constexpr int steps_before_recording = 3; // libraries allocate their workspaces in the first ones

} // namespace

bool Cohort::can_join(const Learner& learner) {
  const auto& [task, model, attention, optimizer, training, strategy, probes] = learner.settings;
  const bool usual_loss =
      training.loss == "cross-entropy" && strategy.extra_loss <= 0 && !model.subtract_initial;
  return training.path == "fused" && learner.model().transformer_shape() != nullptr && usual_loss &&
         optimizer.kind == "adamw" && probes.smoothness_every == 0 &&
         attention::variant(attention.variant).own.empty();
}

bool Cohort::can_join(const Learner& one, const Learner& other) {
  return can_join(one) && can_join(other) &&
         *one.model().transformer_shape() == *other.model().transformer_shape() &&
         one.task().classes() == other.task().classes() &&
         one.settings.training.batch_size == other.settings.training.batch_size &&
         one.settings.training.loss_precision == other.settings.training.loss_precision;
}

Cohort::Cohort(std::vector<Learner*> learners, const torch::Device& device, parallel::WorkerPool& pool,
               bool records)
    : learners_(std::move(learners)), device_(device), pool_(&pool),
      records_(records && device.is_cuda() && CudaGraph::available()) {
  const torch::NoGradGuard no_grad;
  const auto& first = learners_.front()->parameters();
  const auto count = std::int64_t(learners_.size());
  values_ = torch::empty({count, first.size()}, first.values.options());
  gradients_ = torch::empty_like(values_);
  first_moments_ = torch::empty_like(values_);
  second_moments_ = torch::empty_like(values_);
  for (std::int64_t k = 0; k < count; ++k)
    learners_[std::size_t(k)]->move_to(values_[k], gradients_[k], first_moments_[k], second_moments_[k]);
  decay_ = first.decay;
  stack_ = std::make_unique<TransformerStack>(*learners_.front()->model().transformer_shape(), first.slices(),
                                              values_, gradients_);
  metrics_ = torch::empty({count, 2}, values_.options().dtype(torch::kFloat64));
  smoothing_ = torch::empty({count, 1}, values_.options());
}

void Cohort::load_batches(std::int64_t step) {
  std::vector<torch::Tensor> images(learners_.size()), labels(learners_.size());
  pool_->run(int(learners_.size()), [&](int i) {
    auto batch = learners_[std::size_t(i)]->batch(step);
    images[std::size_t(i)] = std::move(batch.inputs);
    labels[std::size_t(i)] = std::move(batch.labels);
  });
  const auto keep = [this](torch::Tensor& place, const std::vector<torch::Tensor>& parts) {
    const auto host = torch::stack(parts);
    if (!place.defined()) place = torch::empty_like(host, device_);
    place.copy_(host.is_cpu() ? models::page_locked(host, device_) : host, /*non_blocking=*/true);
  };
  keep(inputs_, images);
  keep(labels_, labels);
}

void Cohort::compute_gradients(const Options& options) {
  const auto& first = *learners_.front();
  auto logits = stack_->forward(inputs_, options).narrow(-1, 0, first.task().classes());
  if (first.settings.training.loss_precision == "float64") logits = logits.to(torch::kFloat64);
  const auto log_probabilities = torch::log_softmax(logits, -1);
  const auto labelled = (labels_ >= 0).flatten(1), unlabelled = labelled.logical_not(); // [K, B …]
  const auto picked = log_probabilities.gather(-1, labels_.clamp_min(0).unsqueeze(-1)).squeeze(-1).flatten(1);
  const auto spread = log_probabilities.mean(-1).flatten(1);
  const auto count = labelled.sum(1).clamp_min(1); // [K]
  const auto each = (picked * (1 - smoothing_) + spread * smoothing_).masked_fill(unlabelled, 0);
  const auto losses = -each.sum(1) / count; // [K]
  stack_->backward(losses.sum());           // a member's gradient is that of its own loss
  const torch::NoGradGuard no_grad;
  const auto right = (logits.argmax(-1) == labels_).flatten(1).sum(1).to(torch::kFloat64) / count;
  metrics_.copy_(torch::stack({losses.to(torch::kFloat64), right}, 1));
}

void Cohort::record(const Options& options) {
  try {
    graph_.emplace();
    graph_->capture([&] { compute_gradients(options); });
  } catch (const c10::Error& error) {
    graph_.reset();
    spdlog::warn("this step cannot be recorded as a CUDA graph and is launched part by part: {}",
                 error.what_without_backtrace());
  }
}

void Cohort::run_gradients(const Options& options) {
  std::vector<Recipe> recipes;
  std::vector<float> smoothing;
  bool noise = false;
  for (std::size_t k = 0; k < learners_.size(); ++k) {
    const auto& settings = learners_[k]->settings;
    recipes.push_back({options[k].variant, options[k].temperature, settings.training.label_smoothing,
                       settings.training.loss_precision, settings.attention});
    smoothing.push_back(float(settings.training.label_smoothing));
    noise = noise || settings.model.drop_path > 0;
  }
  if (recipes != recipes_) {
    recipes_ = std::move(recipes);
    steps_alike_ = 0;
    graph_.reset();
    smoothing_.copy_(torch::tensor(smoothing).unsqueeze(1));
  }
  // A graph would repeat the same noise in every step.
  if (records_ && !noise && steps_alike_ == steps_before_recording) record(options);
  if (graph_)
    graph_->replay();
  else
    compute_gradients(options);
  ++steps_alike_;
}

void Cohort::train_step(std::int64_t step, std::int64_t planned_steps, bool measure_gradients) {
  Stopwatch watch;
  load_batches(step);
  times_.data += watch.lap();

  std::vector<at::Generator> noise(learners_.size());
  Options options;
  for (std::size_t k = 0; k < learners_.size(); ++k)
    options.push_back(learners_[k]->training_options(step, planned_steps, noise[k]));
  run_gradients(options);
  step_metrics_.push_back(metrics_.clone());
  times_.backward += watch.lap();

  if (measure_gradients) {
    for (auto* learner : learners_) learner->measure_gradients();
    times_.probes += watch.lap();
  }
  std::vector<fused::AdamWStep> updates;
  for (auto* learner : learners_) updates.push_back(learner->begin_update(step, planned_steps));
  optim::adamw_together(updates, gradients_, decay_, values_, first_moments_, second_moments_);
  for (auto* learner : learners_) learner->finish_update(step, planned_steps);
  times_.optimizer += watch.lap();
}

void Cohort::hand_out_step_metrics() {
  if (step_metrics_.empty()) return;
  const auto host = torch::stack(std::exchange(step_metrics_, {})).to(torch::kCPU); // [steps, K, 2]
  const auto numbers = host.accessor<double, 3>();
  for (std::int64_t step = 0; step < host.size(0); ++step)
    for (std::size_t k = 0; k < learners_.size(); ++k)
      learners_[k]->add_step_metric({numbers[step][std::int64_t(k)][0], numbers[step][std::int64_t(k)][1]});
}

StepTimes Cohort::take_times() {
  return std::exchange(times_, {});
}

} // namespace plateau::training
