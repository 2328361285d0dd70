// What a model of modular arithmetic has found (grokking.md 1.6, 4.4), and how far its tangent kernel moved.
#include <algorithm>

#include "engine/probes/cross_entropy.h"
#include "engine/probes/features.h"
#include "engine/tasks/cyclic_group.h"
#include "engine/training/generator.h"
#include "engine/training/learner.h"

namespace plateau::training {
namespace {

constexpr std::int64_t evaluated_at_once = 1024; // as in Learner::evaluate

torch::Tensor joined(const std::vector<torch::Tensor>& parts) {
  return torch::cat(parts).to(torch::kCPU);
}

/// The embedding of 0 .. p - 1 in the order of the group, or of numbers where there is none.
torch::Tensor embedding_in_order(const models::Model& model, std::int64_t modulus,
                                 const std::optional<tasks::CyclicGroup>& group) {
  const auto groups = model.weight_groups();
  const auto found =
      std::find_if(groups.begin(), groups.end(), [](const auto& one) { return one.name == "embedding"; });
  const auto table = found->weight.detach().to(torch::kCPU).narrow(0, found->begin, modulus);
  if (!group) return table;
  std::vector<std::int64_t> order(std::size_t(group->order));
  for (std::int64_t token = 0; token < modulus; ++token)
    if (const auto place = group->place[std::size_t(token)]; place >= 0) order[std::size_t(place)] = token;
  return table.index({torch::tensor(order, torch::kInt64)});
}

} // namespace

void Learner::measure_features(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  if (settings.task.kind != "modular-arithmetic" || !model_->transformer_shape()) return;
  const torch::NoGradGuard no_grad;
  const auto p = settings.task.modulus;
  const auto& training = *data_->training;
  const ValidationSet test(data_->task->validation_set(p * p), data_->task->shape(), device_); // all of it
  const auto in_parts = [&](const torch::Tensor& inputs, const auto& forward_part) {
    std::vector<torch::Tensor> logits;
    for (std::int64_t begin = 0; begin < inputs.size(0); begin += evaluated_at_once)
      logits.push_back(
          forward_part(inputs.slice(0, begin, std::min(begin + evaluated_at_once, inputs.size(0)))));
    return joined(logits);
  };

  // Attention and features are looked at on all test pairs.
  std::vector<torch::Tensor> feature_parts;
  std::vector<std::vector<torch::Tensor>> attention_parts; // per layer
  const auto test_logits = in_parts(test.inputs, [&](const torch::Tensor& part) {
    models::Activations seen;
    const auto logits = forward(part, step, planned_steps, &seen);
    feature_parts.push_back(seen.features);
    attention_parts.resize(seen.attention.size());
    for (std::size_t layer = 0; layer < seen.attention.size(); ++layer)
      attention_parts[layer].push_back(seen.attention[layer]);
    return logits;
  });
  std::vector<torch::Tensor> attention;
  for (const auto& parts : attention_parts) attention.push_back(joined(parts));
  probes::operand_attention(attention, output);
  probes::feature_rank(joined(feature_parts), output);

  const auto group = tasks::cyclic_group(settings.task.operation, p);
  probes::embedding_spectrum(embedding_in_order(*model_, p, group), output);

  const auto training_logits = in_parts(training.inputs, [&](const torch::Tensor& part) {
    return forward(part, step, planned_steps, nullptr);
  });
  const auto pairs = joined({training.inputs, test.inputs});
  probes::PairTable table;
  table.modulus = p;
  table.trained = training.batch.count;
  table.a = pairs.select(1, 0);
  table.b = pairs.select(1, 1);
  table.labels = joined({training.labels, test.labels});
  table.logits = torch::cat({training_logits, test_logits});
  probes::pair_answers(table, output);
  if (group) {
    const auto losses = probes::frequency_losses(table, *group);
    output.add("loss/restricted", losses.restricted);
    output.add("loss/excluded", losses.excluded);
  }

  const auto unit_logits = in_parts(training.inputs, [&](const torch::Tensor& part) {
    return forward(part, step, planned_steps, nullptr, models::Mixing::Attention, /*unit_mlp_input=*/true);
  });
  output.add("loss/shortcut", probes::cross_entropy(unit_logits, training.labels.to(torch::kCPU)));
}

void Learner::measure_kernel(std::int64_t step, std::int64_t planned_steps, probes::Output& output) {
  const auto samples = settings.probes.kernel_samples;
  const auto& task = *data_->task;
  // The first of the training set; where that is endless, of the first step's batch.
  const auto inputs =
      data_->training ? data_->training->inputs.slice(0, 0, samples)
                      : input_tensor(task.training_batch(data_seed(), 0, samples), task.shape()).to(device_);
  auto& start = starting_kernel_;
  if (start.samples != samples || start.model != settings.model || start.attention != settings.attention) {
    auto generator = make_generator(seed, Purpose::Initialisation, 0);
    const auto untrained = models::make_model(settings, task.shape(), model_outputs(task), generator);
    untrained->to(device_);
    start = {probes::tangent_kernel(*untrained, inputs, forward_options(0, planned_steps)), samples,
             settings.model, settings.attention};
  }
  const auto kernel = probes::tangent_kernel(*model_, inputs, forward_options(step, planned_steps));
  output.add("features/kernel-drift", probes::kernel_drift(kernel, start.kernel));
}

} // namespace plateau::training
