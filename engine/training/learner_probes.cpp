// What is measured of a learner beside its loss.
#include <algorithm>
#include <cmath>

#include "engine/analysis/statistics.h"
#include "engine/errors.h"
#include "engine/stopwatch.h"
#include "engine/tasks/random.h"
#include "engine/training/generator.h"
#include "engine/training/learner.h"

namespace plateau::training {
namespace {

/// Batches for the noise come from steps that no training reaches.
constexpr std::int64_t noise_steps = std::int64_t(1) << 40;
constexpr std::int64_t batches_of_true_gradient = 100; // linear-transformer.md A4.2

constexpr std::int64_t written_samples = 3;

/// inputs/tokens, inputs/targets: what the maps of the first `count` samples belong to; of sequences that are
/// asked at several places, the last answer.
void shown_inputs(const tasks::Batch& batch, std::int64_t count, probes::Output& output) {
  count = std::min(count, batch.count);
  if (count == 0 || batch.tokens.empty()) return;
  const auto positions = std::ssize(batch.tokens) / batch.count,
             places = std::ssize(batch.labels) / batch.count;
  Tensor tokens{{count, positions}, {batch.tokens.begin(), batch.tokens.begin() + count * positions}};
  Tensor targets{{count}, {}};
  for (auto labels = batch.labels.begin(); std::ssize(targets.data) < count; labels += places) {
    std::int64_t last = -1;
    for (const auto label : std::span(labels, std::size_t(places)))
      if (label >= 0) last = label;
    targets.data.push_back(float(last));
  }
  output.add("inputs/tokens", std::move(tokens));
  output.add("inputs/targets", std::move(targets));
}

} // namespace

probes::Output Learner::probe(ProbeSelection selection, std::int64_t step, std::int64_t planned_steps) {
  Stopwatch watch;
  probes::Output output;
  if (selection.weights) {
    probes::group_norms(model_->weight_groups(), probes::NormOf::Weight, output);
    if (const auto layers = model_->linear_layers()) probes::linear_matrices(*layers, output);
    if (step == 0) add_references(output);
    if (settings.model.kind == "arithmetic-transformer")
      output.add("weight/total", parameters_->values.to(torch::kFloat64).norm().item<double>());
  }
  if (selection.looks_inside() && model_->transformer_shape()) {
    const auto inputs = data_->validation.inputs.slice(0, 0, settings.probes.samples);
    models::Activations full;
    const auto logits = class_logits(forward(inputs, step, planned_steps, &full))
                            .to(torch::kCPU, torch::kFloat32)
                            .contiguous();
    const bool causal = model_->transformer_shape()->causal;
    probes::to_host(full);
    if (selection.attention) {
      // Of a model that answers at every token: what it says after the last.
      const auto answers = logits.dim() == 3 ? logits.select(1, logits.size(1) - 1).contiguous() : logits;
      probes::attention_maps(full, answers, settings.probes.map_samples, output);
      if (tasks::depends_on_seed(settings.task)) // else all members see the same
        shown_inputs(data_->validation.batch, std::min(settings.probes.samples, settings.probes.map_samples),
                     output);
    }
    if (selection.saturation) probes::saturation(full, causal, output);
    if (selection.components) {
      models::Activations weights_only;
      forward(inputs, step, planned_steps, &weights_only, models::Mixing::Identity);
      probes::to_host(weights_only);
      probes::components(full, weights_only, output);
    }
  }
  if (selection.values) measure_values(step, planned_steps, output);
  if (selection.text) write_text(step, planned_steps, output);
  if (selection.features) measure_features(step, planned_steps, output);
  if (selection.kernel) measure_kernel(step, planned_steps, output);
  if (selection.in_context) measure_in_context(step, planned_steps, output);
  times_.probes += watch.lap();
  if (selection.curvature) measure_curvature(step, planned_steps, output);
  if (selection.noise) measure_noise(step, planned_steps, output);
  times_.curvature += watch.lap();
  return output;
}

void Learner::add_references(probes::Output& output) {
  const auto layers = model_->linear_layers();
  if (!layers) return;
  if (const auto reference = data_->reference(layers->size(0), *pool_)) {
    output.add("reference/gradient-descent", reference->gradient_descent);
    output.add("reference/preconditioned-gradient-descent", reference->preconditioned);
  }
}

Landscape& Learner::landscape() {
  if (!landscape_ || landscape_samples_ != settings.probes.curvature_samples) {
    landscape_samples_ = settings.probes.curvature_samples;
    landscape_ = make_landscape(settings, *model_, *parameters_, *data_, landscape_samples_, *pool_,
                                initial_ ? initial_->parameters->values : torch::Tensor());
  }
  return *landscape_;
}

void Learner::measure_smoothness(const torch::Tensor& before, std::int64_t step, std::int64_t planned_steps) {
  Stopwatch watch;
  const torch::NoGradGuard no_grad;
  const auto options = forward_options(step, planned_steps);
  const auto from = before.to(torch::kFloat64);
  const auto update = parameters_->values.to(torch::kFloat64) - from;
  const double length = update.norm().item<double>();
  const auto gradient = landscape().gradient(from, options);
  step_output_.add("curvature/gradient-norm", gradient.norm().item<double>());
  if (length > 0 && std::isfinite(length)) {
    const auto direction = update / length;
    const auto curvature = landscape().hessian_times(from, direction, options).dot(direction);
    step_output_.add("curvature/smoothness", curvature.item<double>());
  }
  times_.curvature += watch.lap();
}

void Learner::measure_curvature(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  const torch::NoGradGuard no_grad;
  const auto values = parameters_->values.to(torch::kFloat64);
  const auto count = values.numel(), wanted = settings.probes.curvature_coordinates;
  auto coordinates = torch::arange(count, torch::kInt64);
  if (wanted < count) {
    auto generator = make_generator(seed, Purpose::Coordinates, 0);
    coordinates = std::get<0>(torch::randperm(count, generator, torch::kInt64).slice(0, 0, wanted).sort());
  }
  const auto diagonal =
      landscape().hessian_diagonal(values, coordinates, forward_options(step, planned_steps)).abs();
  const double* entry = diagonal.data_ptr<double>();
  std::vector<double> sorted(entry, entry + diagonal.numel());
  std::sort(sorted.begin(), sorted.end());
  probes::condition_number(sorted, output);
}

void Learner::measure_noise(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  const auto& probes = settings.probes;
  const auto size = probes.noise_batch > 0 ? probes.noise_batch : settings.training.batch_size;
  if (size == 0)
    throw InputError("each step takes the whole training set, whose gradient has no noise: set "
                     "probes.noise_batch to measure that of smaller batches");
  const auto shape = data_->task->shape();
  const auto kept = times_;
  const auto gradient = [&](std::int64_t k) {
    const auto samples = data_->task->training_batch(data_seed(), noise_steps + k, size);
    const Batch batch{input_tensor(samples, shape), label_tensor(samples, shape),
                      extra_targets(settings, samples, task())};
    const auto inputs = batch.inputs.to(device_);
    at::Generator noise = make_generator(seed, Purpose::Noise, noise_steps + k, device_);
    auto options = forward_options(step, planned_steps); // without stochastic depth: the noise of the data
    options.generator = &noise;
    const auto result = compute_gradient(inputs, targets_of(batch, inputs, options), options);
    return result.exact.defined() ? result.exact : parameters_->gradients.to(torch::kFloat64);
  };
  auto mean = torch::zeros({parameters_->size()}, parameters_->values.options().dtype(torch::kFloat64));
  for (std::int64_t k = 0; k < batches_of_true_gradient; ++k) mean += gradient(k);
  mean /= double(batches_of_true_gradient);
  std::vector<double> errors;
  for (std::int64_t k = 0; k < probes.noise_draws; ++k)
    errors.push_back((gradient(batches_of_true_gradient + k) - mean).norm().item<double>());
  times_ = kept; // all of it is curvature's
  probes::gradient_noise(std::move(errors), output);
}

void Learner::measure_values(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  if (!model_->transformer_shape()) return;
  const torch::NoGradGuard no_grad;
  models::Activations seen;
  seen.keep_layers = true;
  auto options = forward_options(step, planned_steps);
  options.record = &seen;
  // A few samples: every pair of tokens is looked at channel by channel.
  model_->forward(data_->validation.inputs.slice(0, 0, std::min<std::int64_t>(settings.probes.samples, 8)),
                  options);
  probes::values(seen, output);
}

void Learner::write_text(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  const auto& probes = settings.probes;
  const auto shape = data_->task->shape();
  if (shape.kind != tasks::InputShape::Kind::Tokens || shape.outputs != shape.positions) return;
  auto prompt = data_->task->encode(probes.text_prompt);
  if (prompt.empty()) {
    // Of a text in other letters: its plain ones.
    const auto& batch = data_->validation.batch;
    const auto& tokens = batch.attributes.empty() ? batch.tokens : batch.attributes;
    prompt.assign(tokens.begin(), tokens.begin() + shape.positions / 2);
  }
  std::vector<std::vector<std::int64_t>> texts(written_samples, prompt);
  std::vector<tasks::Random> random;
  for (std::uint64_t i = 0; i < written_samples; ++i)
    random.emplace_back(std::uint64_t(seed), tasks::Purpose::Writing, 0, i);
  for (std::int64_t k = 0; k < probes.text_length; ++k) {
    // The last characters, as many as the model sees; what follows them is not looked at.
    const auto known = std::min<std::int64_t>(std::int64_t(texts[0].size()), shape.positions);
    auto inputs = torch::zeros({written_samples, shape.positions}, torch::kInt64);
    for (std::int64_t i = 0; i < written_samples; ++i)
      std::copy(texts[std::size_t(i)].end() - known, texts[std::size_t(i)].end(),
                inputs[i].data_ptr<std::int64_t>());
    const auto logits = class_logits(forward(inputs.to(device_), step, planned_steps, nullptr))
                            .select(1, known - 1)
                            .to(torch::kCPU, torch::kFloat64)
                            .contiguous();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const double* row = logits[std::int64_t(i)].data_ptr<double>();
      texts[i].push_back(probes::draw_token({row, std::size_t(logits.size(1))}, probes.text_temperature,
                                            random[i].uniform()));
    }
  }
  const auto start = std::ptrdiff_t(prompt.size());
  training::Tensor written{{written_samples, probes.text_length}, {}};
  for (const auto& text : texts) written.data.insert(written.data.end(), text.begin() + start, text.end());
  output.add("text/samples", std::move(written));
  output.add("text/prompt", {{std::int64_t(prompt.size())}, {prompt.begin(), prompt.end()}});
}

} // namespace plateau::training
