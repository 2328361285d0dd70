#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* adamw = "Loshchilov & Hutter, Decoupled Weight Decay Regularization, ICLR 2019";
constexpr const char* adam = "Kingma & Ba, Adam, ICLR 2015";

template<class Member> Field optimizer(Member OptimizerSettings::*member, Field field) {
  return declare(&Settings::optimizer, member, std::move(field));
}
template<class Member> Field live(Member OptimizerSettings::*member, Field field) {
  field.live = true;
  return optimizer(member, std::move(field));
}

} // namespace

std::vector<Field> optimizer_fields() {
  return {
      optimizer(
          &OptimizerSettings::kind,
          {.name = "optimizer.kind",
           .label = "optimizer",
           .choices = {"adamw"},
           .help =
               "How gradients change the weights. AdamW scales each weight's step by the recent size of its "
               "gradient and shrinks the weights separately. Biases, norms and position embeddings are not.",
           .formula = "w ← w - η (m̂ / (√v̂ + ε) + λ w)",
           .source = adamw}),
      live(&OptimizerSettings::learning_rate,
           {.name = "optimizer.learning_rate",
            .label = "learning rate",
            .minimum = 0,
            .maximum = 1,
            .logarithmic = true,
            .help = "Size of a step: how far the weights move for a normalised gradient of 1. "
                    "Too large diverges, too small stays on the plateau.",
            .formula = "w ← w - η m̂ / (√v̂ + ε)",
            .source = adam}),
      live(&OptimizerSettings::schedule, {.name = "optimizer.schedule",
                                          .label = "learning rate schedule",
                                          .choices = {"constant", "cosine"},
                                          .help = "How the learning rate goes on after the warm-up: "
                                                  "unchanged, or down along half a cosine to the "
                                                  "minimum learning rate at the last planned step.",
                                          .formula = "η(t) = η_min + ½ (η - η_min) (1 + cos(π t / steps))",
                                          .source = "Loshchilov & Hutter, SGDR, ICLR 2017"}),
      live(&OptimizerSettings::minimum_learning_rate,
           {.name = "optimizer.minimum_learning_rate",
            .label = "minimum learning rate",
            .minimum = 0,
            .maximum = 1,
            .logarithmic = true,
            .help = "Learning rate that the cosine schedule reaches at the last planned step.",
            .formula = "η_min",
            .source = "Hoffmann et al., ICML 2024",
            .applies = [](const Settings& settings) { return settings.optimizer.schedule == "cosine"; }}),
      live(&OptimizerSettings::warmup_steps,
           {.name = "optimizer.warmup_steps",
            .label = "warm-up",
            .minimum = 0,
            .maximum = 1e6,
            .unit = "steps",
            .help = "Steps over which the learning rate rises linearly to its full value. "
                    "Warming up keeps the first, badly scaled steps small.",
            .formula = "η(t) ← η(t) (t + 1) / warm-up,  t < warm-up",
            .source = "Hoffmann et al., ICML 2024"}),
      live(&OptimizerSettings::beta1,
           {.name = "optimizer.beta1",
            .label = "beta 1",
            .minimum = 0,
            .maximum = 0.9999,
            .help = "Memory of the running mean of the gradients; 0.9 remembers about ten steps.",
            .formula = "m ← β₁ m + (1 - β₁) g",
            .source = adam}),
      live(
          &OptimizerSettings::beta2,
          {.name = "optimizer.beta2",
           .label = "beta 2",
           .minimum = 0,
           .maximum = 0.999999,
           .help =
               "Memory of the running mean of the squared gradients; 0.999 remembers about a thousand steps.",
           .formula = "v ← β₂ v + (1 - β₂) g²",
           .source = adam}),
      live(&OptimizerSettings::epsilon,
           {.name = "optimizer.epsilon",
            .label = "epsilon",
            .minimum = 1e-16,
            .maximum = 1,
            .logarithmic = true,
            .help =
                "Added to the denominator of a step. Weights whose gradients are much smaller than it hardly "
                "move, which matters when queries and keys get almost no gradient.",
            .formula = "w ← w - η m̂ / (√v̂ + ε)",
            .source = adam}),
      live(&OptimizerSettings::weight_decay, {.name = "optimizer.weight_decay",
                                              .label = "weight decay",
                                              .minimum = 0,
                                              .maximum = 10,
                                              .help = "Shrinks the weights a little at every step, whatever "
                                                      "their gradient. Biases, norms and position "
                                                      "embeddings are left alone.",
                                              .formula = "w ← w - η λ w",
                                              .source = adamw}),
      live(&OptimizerSettings::gradient_rescaling,
           {.name = "optimizer.gradient_rescaling",
            .label = "gradient rescaling",
            .choices = {"none", "mean", "per-head-to-value", "mean-to-value"},
            .help =
                "Evens out the gradients of queries, keys and values before each step, to test whether small "
                "query and key gradients cause the plateau. mean: all to their common mean; "
                "per-head-to-value: "
                "each head to that of its values; mean-to-value: all heads together to that of the values.",
            .formula = "G_f ← G_f · mean|G_ref| / mean|G_f|,  f ∈ {Q, K, V}",
            .source = "Hoffmann et al., ICML 2024",
            .applies = is_vision_transformer}),
  };
}

} // namespace plateau::study
