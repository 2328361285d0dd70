#include "engine/training/task_data.h"

#include <algorithm>

namespace plateau::training {
namespace {

/// Three of them are gone through at each probe: enough for an accuracy good to about 0.02.
constexpr std::int64_t most_of_further_sets = 256;

template<class Number>
torch::Tensor copied(const std::vector<Number>& values, std::vector<std::int64_t> shape) {
  const auto type = std::is_same_v<Number, float> ? torch::kFloat32 : torch::kInt64;
  return torch::from_blob(const_cast<Number*>(values.data()), shape, type).clone();
}

} // namespace

torch::Tensor input_tensor(const tasks::Batch& batch, const tasks::InputShape& shape) {
  using Kind = tasks::InputShape::Kind;
  switch (shape.kind) {
  case Kind::Tokens:
    return copied(batch.tokens, {batch.count, shape.positions});
  case Kind::Prompts:
    return copied(batch.prompts, {batch.count, shape.context + 1, shape.dimension + 1});
  case Kind::Pairs:
    return copied(batch.items, {batch.count, shape.positions, shape.item_width});
  case Kind::Images:
    break;
  }
  return copied(batch.images, {batch.count, shape.channels, shape.height, shape.width});
}

torch::Tensor label_tensor(const tasks::Batch& batch, const tasks::InputShape& shape) {
  if (shape.kind == tasks::InputShape::Kind::Prompts) return copied(batch.targets, {batch.count});
  if (shape.outputs == 1) return copied(batch.labels, {batch.count});
  return copied(batch.labels, {batch.count, shape.outputs});
}

ValidationSet::ValidationSet(tasks::Batch samples, const tasks::InputShape& shape,
                             const torch::Device& device)
    : batch(std::move(samples)), inputs(input_tensor(batch, shape).to(device)),
      labels(label_tensor(batch, shape).to(device)) {}

std::int64_t data_seed(const study::Settings& settings, std::int64_t member_seed) {
  return settings.training.data_seed >= 0 ? settings.training.data_seed : member_seed;
}

std::int64_t task_seed(const study::Settings& settings, std::int64_t member_seed) {
  return tasks::depends_on_seed(settings.task) ? data_seed(settings, member_seed) : 0;
}

TaskData::TaskData(const study::TaskSettings& settings, std::int64_t seed, const torch::Device& device)
    : settings(settings), seed(seed), task(tasks::make_task(settings, seed)),
      validation(task->validation_set(settings.validation_samples), task->shape(), device) {
  if (const auto size = task->training_set_size(); size > 0)
    training.emplace(task->training_batch(0, 0, size), task->shape(), device);
  for (auto& [name, batch] : task->more_sets(std::min(settings.validation_samples, most_of_further_sets)))
    more.push_back({name, {std::move(batch), task->shape(), device}});
}

std::optional<LinearReference> TaskData::reference(std::int64_t layers, parallel::WorkerPool& pool) const {
  if (settings.kind != "linear-regression" || settings.targets != "linear" ||
      !validation.inputs.device().is_cpu())
    return {};
  const std::lock_guard lock(mutex_);
  if (const auto known = references_.find(layers); known != references_.end()) return known->second;
  const auto input = task->shape();
  const fused::LinearShape shape{layers, input.dimension, input.context};
  const fused::LinearPrompts<double> prompts(shape, validation.batch.count, validation.batch.prompts.data(),
                                             validation.batch.targets.data());
  return references_.emplace(layers, linear_reference(shape, prompts, pool)).first->second;
}

} // namespace plateau::training
