#include "engine/training/loss.h"

#include <torch/torch.h>

#include <limits>

#include "engine/errors.h"

namespace plateau::training {
namespace {

namespace F = torch::nn::functional;

fused::LossKind loss_kind(const std::string& name) {
  if (name == "cross-entropy") return fused::LossKind::CrossEntropy;
  if (name == "stablemax") return fused::LossKind::StableMax;
  if (name == "squared") return fused::LossKind::Squared;
  throw InputError("there is no loss '" + name + "'");
}

/// Mean of `rows` [R] over the labelled ones.
torch::Tensor mean_of_labelled(const torch::Tensor& rows, const torch::Tensor& labels) {
  const auto labelled = labels >= 0;
  return torch::where(labelled, rows, torch::zeros_like(rows)).sum() / labelled.sum().clamp_min(1);
}

/// (1 - smoothing) onehot + smoothing / classes, like `logits` [R, classes]; unlabelled rows do not matter.
torch::Tensor smoothed(const torch::Tensor& labels, const torch::Tensor& logits, double smoothing) {
  auto targets = torch::full_like(logits, smoothing / double(logits.size(-1)));
  const auto at = labels.clamp_min(0).unsqueeze(-1);
  return targets.scatter_add_(-1, at, torch::full_like(at, 1 - smoothing, logits.options()));
}

torch::Tensor stable_max(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing) {
  const auto positive = logits >= 0;
  // The branch that is not taken is kept away from 1 / (1 - 1).
  const auto negative = torch::where(positive, torch::zeros_like(logits), logits);
  const auto s = torch::where(positive, logits + 1, 1 / (1 - negative));
  const auto log_probabilities = s.log() - s.sum(-1, true).log();
  return -(smoothed(labels, logits.detach(), smoothing) * log_probabilities).sum(-1);
}

torch::Tensor label_mean(const torch::Tensor& logits, const torch::Tensor& labels, const fused::Loss& loss) {
  switch (loss.kind) {
  case fused::LossKind::StableMax:
    return mean_of_labelled(stable_max(logits, labels, loss.smoothing), labels);
  case fused::LossKind::Squared:
    return mean_of_labelled((logits - smoothed(labels, logits.detach(), loss.smoothing)).square().mean(-1),
                            labels);
  case fused::LossKind::CrossEntropy:
    break;
  }
  return F::cross_entropy(logits, labels,
                          F::CrossEntropyFuncOptions().label_smoothing(loss.smoothing).ignore_index(-1));
}

} // namespace

std::int64_t model_outputs(const tasks::Task& task) {
  return task.classes() + task.extra_outputs().count();
}

fused::Loss training_loss(const study::Settings& settings, const tasks::Task& task) {
  auto loss = label_loss(settings, task);
  loss.smoothing = settings.training.label_smoothing;
  loss.in_double = settings.training.loss_precision == "float64";
  const auto extra = task.extra_outputs();
  if (settings.strategy.extra_loss <= 0 || extra.count() == 0) return loss;
  const bool rule = settings.strategy.extra_target == "rule";
  if ((rule ? extra.rules : extra.attributes) == 0) return loss;
  loss.extra_weight = settings.strategy.extra_loss;
  loss.extra_begin = loss.classes + (rule ? extra.attributes * extra.levels : 0);
  loss.extra_groups = rule ? 1 : extra.attributes;
  loss.extra_levels = rule ? extra.rules : extra.levels;
  return loss;
}

fused::Loss label_loss(const study::Settings& settings, const tasks::Task& task) {
  fused::Loss loss;
  loss.kind = loss_kind(settings.training.loss);
  loss.classes = task.classes();
  return loss;
}

torch::Tensor extra_targets(const study::Settings& settings, const tasks::Batch& batch,
                            const tasks::Task& task) {
  const auto loss = training_loss(settings, task);
  if (loss.extra_weight <= 0) return {};
  const auto copied = [](const std::vector<std::int64_t>& values, std::vector<std::int64_t> shape) {
    return torch::from_blob(const_cast<std::int64_t*>(values.data()), shape, torch::kInt64).clone();
  };
  const auto outputs = task.shape().outputs;
  if (settings.strategy.extra_target == "attributes")
    return copied(batch.attributes, {batch.count, outputs, loss.extra_groups});
  return copied(batch.rules, {batch.count, 1, 1}).expand({batch.count, outputs, 1}).contiguous();
}

Losses mean_losses(const torch::Tensor& answers, const Targets& targets, const fused::Loss& loss) {
  if (targets.labels.is_floating_point()) {
    const auto mean = (answers - targets.labels).square().mean();
    return {mean, mean};
  }
  auto logits = answers.reshape({-1, answers.size(-1)});
  if (loss.in_double) logits = logits.to(torch::kFloat64);
  const auto labels = targets.labels.flatten();
  const auto classes = loss.classes > 0 ? loss.classes : logits.size(-1);
  const auto own = classes == logits.size(-1) ? logits : logits.narrow(-1, 0, classes);
  const auto mean = label_mean(own, labels, loss);
  if (loss.extra_weight <= 0 || !targets.extra.defined()) return {mean, mean};
  const auto extra =
      targets.extra.reshape({-1, loss.extra_groups}).masked_fill(labels.unsqueeze(-1) < 0, -1).flatten();
  const auto asked = logits.narrow(-1, loss.extra_begin, loss.extra_groups * loss.extra_levels)
                         .reshape({-1, loss.extra_levels});
  const auto sum =
      F::cross_entropy(asked, extra, F::CrossEntropyFuncOptions().reduction(torch::kSum).ignore_index(-1));
  return {mean, mean + loss.extra_weight * sum / (extra >= 0).sum().clamp_min(1)};
}

torch::Tensor accuracy(const torch::Tensor& answers, const torch::Tensor& labels, std::int64_t classes) {
  if (labels.is_floating_point())
    return torch::full({}, std::numeric_limits<double>::quiet_NaN(),
                       answers.options().dtype(torch::kFloat64).requires_grad(false));
  const auto own = classes > 0 ? answers.detach().narrow(-1, 0, classes) : answers.detach();
  const auto right = (own.argmax(-1) == labels).sum().to(torch::kFloat64);
  return right / (labels >= 0).sum().clamp_min(1);
}

} // namespace plateau::training
