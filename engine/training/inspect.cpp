#include "engine/training/inspect.h"

#include <torch/torch.h>

#include "engine/errors.h"
#include "engine/parallel/worker_pool.h"
#include "engine/training/device.h"
#include "engine/training/learner.h"

namespace plateau::training {
namespace {

recording::NamedTensor named(const std::string& name, const torch::Tensor& tensor) {
  if (tensor.scalar_type() == torch::kInt64) {
    const auto host = tensor.to(torch::kCPU).contiguous();
    return {name, host.sizes().vec(),
            std::vector<std::int64_t>(host.data_ptr<std::int64_t>(),
                                      host.data_ptr<std::int64_t>() + host.numel())};
  }
  const auto plain = probes::plain(tensor);
  return {name, plain->shape, plain->data};
}

/// The model as it was at the checkpoint, on the CPU.
struct Restored {
  Restored(const recording::Reader& reader, const recording::Checkpoint& checkpoint)
      : seed(seed_of(reader, checkpoint.member)),
        data(checkpoint.settings.task, task_seed(checkpoint.settings, seed), torch::kCPU),
        learner(checkpoint.settings, seed, data, torch::kCPU, pool) {
    use_one_thread_here();
    learner.load(unpack(checkpoint.state));
  }

  static std::int64_t seed_of(const recording::Reader& reader, int member) {
    for (const auto& record : reader.members())
      if (record.id == member) return record.seed;
    throw InputError("the recording has no member " + std::to_string(member));
  }

  std::vector<recording::NamedTensor> weights(const std::string& prefix) const {
    std::vector<recording::NamedTensor> list;
    const auto& parameters = learner.parameters();
    for (const auto& slice : parameters.slices()) {
      std::int64_t count = 1;
      for (const auto size : slice.shape) count *= size;
      list.push_back(
          named(prefix + slice.name, parameters.values.narrow(0, slice.begin, count).view(slice.shape)));
    }
    for (const auto& buffer : learner.model().named_buffers())
      list.push_back(named(prefix + buffer.key(), buffer.value()));
    return list;
  }

  std::int64_t seed;
  TaskData data;
  parallel::WorkerPool pool{1};
  Learner learner;
};

} // namespace

std::vector<recording::NamedTensor> weights(const recording::Reader& reader,
                                            const recording::Checkpoint& checkpoint) {
  return Restored(reader, checkpoint).weights("");
}

std::vector<recording::NamedTensor> inspect(const recording::Reader& reader, int member, std::int64_t step) {
  const auto checkpoint = reader.checkpoint(member, step);
  if (!checkpoint) {
    std::string steps;
    for (const auto& other : reader.checkpoints())
      if (other.member == member) steps += (steps.empty() ? "" : ", ") + std::to_string(other.step);
    throw InputError("there is no checkpoint of this member at step " + std::to_string(step) +
                     "; there are: " + steps);
  }
  Restored restored(reader, *checkpoint);
  const auto& settings = checkpoint->settings;
  const auto planned = reader.study().settings.training.steps;
  const auto& task = *restored.data.task;
  const ValidationSet validation(task.validation_set(settings.probes.samples), task.shape(), torch::kCPU);
  models::Activations activations;
  const auto logits =
      restored.learner.class_logits(restored.learner.forward(validation.inputs, step, planned, &activations));
  std::vector<recording::NamedTensor> list{named("inputs", validation.inputs),
                                           named("targets", validation.labels), named("logits", logits)};
  if (const auto& other = validation.batch.alternatives; !other.empty())
    list.push_back(named("alternatives", torch::tensor(other, torch::kInt64)));
  for (std::size_t i = 0; i < activations.attention.size(); ++i)
    list.push_back(named("attention.layer" + std::to_string(i + 1), activations.attention[i]));
  for (std::size_t i = 0; i < activations.hidden.size(); ++i)
    list.push_back(named("hidden.layer" + std::to_string(i + 1), activations.hidden[i]));
  for (auto& weight : restored.weights("weight.")) list.push_back(std::move(weight));
  return list;
}

} // namespace plateau::training
