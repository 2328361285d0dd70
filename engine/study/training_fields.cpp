#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* own = "Plateau extension";

template<class Member> Field training(Member TrainingSettings::*member, Field field) {
  return declare(&Settings::training, member, std::move(field));
}
/// Of answers that are classes.
template<class Member> Field live(Member TrainingSettings::*member, Field field) {
  field.live = true;
  field.applies = [](const Settings& settings) { return settings.task.kind != "linear-regression"; };
  return training(member, std::move(field));
}
/// Lockstep needs one value for all members; it may change at any time.
template<class Member> Field shared(Member TrainingSettings::*member, Field field) {
  field.live = true;
  field.per_member = false;
  return training(member, std::move(field));
}

} // namespace

std::vector<Field> training_fields() {
  return {
      shared(&TrainingSettings::steps,
             {.name = "training.steps",
              .label = "steps",
              .minimum = 1,
              .maximum = 1e8,
              .logarithmic = true,
              .unit = "steps",
              .help =
                  "Planned length of the run; each step is one batch. Schedules that span the run follow it.",
              .source = own}),
      training(&TrainingSettings::batch_size,
               {.name = "training.batch_size",
                .label = "batch size",
                .minimum = 0,
                .maximum = 8192,
                .unit = "samples",
                .help = "Samples per step. Larger batches have less noisy gradients and take longer. 0: the "
                        "whole training set at each step, where a task has one.",
                .formula = "g = 1/B Σ_i ∇L_i",
                .source = "Hoffmann et al., ICML 2024"}),
      declare(
          &Settings::training, &TrainingSettings::label_smoothing,
          {.name = "training.label_smoothing",
           .label = "label smoothing",
           .minimum = 0,
           .maximum = 0.99,
           .help = "Share of the target probability that is spread over all classes while training. It "
                   "raises the "
                   "lowest loss that can be reached; the validation loss is measured without it.",
           .formula = "L = -Σ_c t_c log p_c,  t = (1 - ε) one-hot + ε / K",
           .source = "Szegedy et al., Rethinking the Inception Architecture, CVPR 2016",
           .live = true,
           .applies = [](const Settings& settings) { return settings.task.kind != "linear-regression"; }}),
      shared(&TrainingSettings::evaluate_every,
             {.name = "training.evaluate_every",
              .label = "evaluate every",
              .minimum = 1,
              .maximum = 1e6,
              .logarithmic = true,
              .unit = "steps",
              .help = "How often the validation curves get a point. Evaluating rarely is faster, "
                      "but a jump is then located less exactly.",
              .source = own}),
      shared(
          &TrainingSettings::checkpoint_every,
          {.name = "training.checkpoint_every",
           .label = "checkpoint every",
           .minimum = 1,
           .maximum = 1e6,
           .logarithmic = true,
           .unit = "steps",
           .help =
               "How often everything needed to go back to a step is kept: weights, optimizer state, position "
               "in the data.",
           .source = own}),
      shared(
          &TrainingSettings::keep_checkpoints,
          {.name = "training.keep_checkpoints",
           .label = "checkpoints kept",
           .minimum = 1,
           .maximum = 10000,
           .logarithmic = true,
           .help =
               "How many checkpoints are kept; older ones make room, except where an intervention depends on "
               "them.",
           .source = own}),
      shared(&TrainingSettings::checkpoint_at_events,
             {.name = "training.checkpoint_at_events",
              .label = "checkpoint at events",
              .help = "Another checkpoint at the evaluation that finds the begin or end of a plateau, a "
                      "Eureka-moment, memorising, generalising or a divergence. As many of these are kept "
                      "again as of the others, the newest.",
              .source = own}),
      shared(&TrainingSettings::halt_after,
             {.name = "training.halt_after",
              .label = "halt after",
              .minimum = 0,
              .maximum = 1000,
              .unit = "x step of the jump",
              .help = "Halts a member that has nothing more to learn: at so many times the step at which it "
                      "jumped, generalised or left its plateau. The others get its time. 0: never.",
              .formula = "t > factor · t_jump",
              .source = own}),
      training(&TrainingSettings::data_seed,
               {.name = "training.data_seed",
                .label = "data seed",
                .minimum = -1,
                .maximum = 4294967295.0,
                .help =
                    "Decides the order and composition of the batches. Members with the same data seed see "
                    "identical batches; at -1 each member's own seed decides.",
                .source = own}),
      training(
          &TrainingSettings::path,
          {.name = "training.path",
           .label = "computed by",
           .choices = {"fused", "autograd"},
           .help =
               "How a transformer's step is computed. Fused: on the processor by Plateau's own kernels (a "
               "linear "
               "transformer in closed form, which never builds its tokens), on a GPU by LibTorch for all "
               "members of one shape at once. Autograd: by LibTorch's automatic differentiation, each member "
               "by itself; slower, and the reference for the others. What has no fused form uses LibTorch "
               "anyway.",
           .source = own,
           .applies = [](const Settings& settings) { return !is_resnet(settings); }}),
      training(
          &TrainingSettings::precision,
          {.name = "training.precision",
           .label = "precision",
           .choices = {"float32", "bfloat16"},
           .help =
               "What the fused path's matrix products read: float32, or inputs rounded to bfloat16 with "
               "sums, "
               "weights and optimizer in float32. Faster on processors that have it, emulated on others, and "
               "less exact: check late phases against float32.",
           .formula = "y = Σ bf16(x) bf16(w),  |bf16(x) − x| ≤ 2⁻⁸ |x|",
           .source = own,
           .applies = is_transformer}),
      live(&TrainingSettings::loss,
           {.name = "training.loss",
            .label = "loss",
            .choices = {"cross-entropy", "stablemax", "squared"},
            .help = "What is made small. StableMax replaces the exponential of the softmax by a function "
                    "that grows linearly, so that no gradient vanishes in rounding. Squared: the distance "
                    "of the logits from 1 at the right class and 0 elsewhere, mean over the classes.",
            .formula = "−ln softmax(z)_y;  −ln s(z_y) / Σ s(z_c), s = z + 1 or 1 / (1 − z);  mean (z − e_y)²",
            .source = "Prieto et al., Grokking at the Edge of Numerical Stability, ICLR 2025"}),
      live(&TrainingSettings::loss_precision,
           {.name = "training.loss_precision",
            .label = "loss computed in",
            .choices = {"float32", "float64"},
            .help = "In float32 the gradient of a sample is exactly zero as soon as its largest logit is "
                    "about 17 above the others (softmax collapse), and learning stalls.",
            .formula = "fl(Σ_c exp(z_c − z_y)) = 1",
            .source = "Prieto et al., Grokking at the Edge of Numerical Stability, ICLR 2025"}),
  };
}

} // namespace plateau::study
