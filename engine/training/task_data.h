// Internal: a task with its validation set as tensors.
#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "engine/study/settings.h"
#include "engine/tasks/task.h"
#include "engine/training/linear_reference.h"

namespace plateau::training {

/// Inputs as the model takes them: images [B, C, H, W], tokens [B, N] (int64), prompts [B, n + 1, d + 1] or
/// pairs [B, N, item width].
torch::Tensor input_tensor(const tasks::Batch& batch, const tasks::InputShape& shape);
/// What is supervised: labels [B], or [B, N] where every token is read (int64); targets [B] of regression.
torch::Tensor label_tensor(const tasks::Batch& batch, const tasks::InputShape& shape);

/// The fixed validation set on the device.
struct ValidationSet {
  ValidationSet(tasks::Batch batch, const tasks::InputShape& shape, const torch::Device& device);
  tasks::Batch batch;
  torch::Tensor inputs, labels;
};

/// Decides a member's batches: the settings' data seed, else the member's own.
std::int64_t data_seed(const study::Settings& settings, std::int64_t member_seed);
/// Of what a task draws once for a whole run: the data seed; 0 where nothing is drawn.
std::int64_t task_seed(const study::Settings& settings, std::int64_t member_seed);

struct TaskData {
  TaskData(const study::TaskSettings& settings, std::int64_t seed, const torch::Device& device);
  study::TaskSettings settings;
  std::int64_t seed; // task_seed
  std::unique_ptr<tasks::Task> task;
  ValidationSet validation;
  std::optional<ValidationSet> training; // all of it, where the task has only so many samples

  struct NamedSet {
    std::string name;
    ValidationSet set;
  };
  std::vector<NamedSet> more; // tasks::Task::more_sets

  /// Of `layers` steps on the validation set; null for other tasks than linear regression on the CPU.
  std::optional<LinearReference> reference(std::int64_t layers, parallel::WorkerPool& pool) const;

private:
  mutable std::mutex mutex_; // guards references_
  mutable std::map<std::int64_t, LinearReference> references_;
};

} // namespace plateau::training
