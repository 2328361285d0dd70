#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* adamw = "Loshchilov & Hutter, Decoupled Weight Decay Regularization, ICLR 2019";
constexpr const char* adam = "Kingma & Ba, Adam, ICLR 2015";

constexpr const char* singh =
    "Singh et al., Explaining Grokking in Transformers through the Lens of Inductive Bias, 2026";

bool is_grokfast(const Settings& settings) {
  return settings.optimizer.modifier == "grokfast";
}
template<class Member> Field optimizer(Member OptimizerSettings::*member, Field field) {
  return declare(&Settings::optimizer, member, std::move(field));
}
bool is_adamw(const Settings& settings) {
  return settings.optimizer.kind == "adamw";
}
template<class Member> Field live(Member OptimizerSettings::*member, Field field) {
  field.live = true;
  return optimizer(member, std::move(field));
}

} // namespace

std::vector<Field> optimizer_fields() {
  return {
      live(&OptimizerSettings::kind,
           {.name = "optimizer.kind",
            .label = "optimizer",
            .choices = {"adamw", "sgd", "sign-momentum", "normalised-gradient"},
            .help =
                "How gradients change the weights. AdamW scales each weight's step by the recent size of its "
                "gradient; sgd moves along the gradient's running sum (momentum); sign-momentum takes only "
                "the "
                "signs of that sum, normalised-gradient only its direction. Weight decay shrinks the weights "
                "separately. A change in mid-run starts the new optimizer's memory at zero.",
            .formula = "v ← μ v + g;  w ← w - η v,  η sign(v)  or  η v / |v|;  AdamW: η m̂ / (√v̂ + ε)",
            .source = "Loshchilov & Hutter, ICLR 2019; Kunstner et al., Noise Is Not the Main Factor Behind "
                      "the Gap Between SGD and Adam, ICLR 2023"}),
      live(&OptimizerSettings::learning_rate,
           {.name = "optimizer.learning_rate",
            .label = "learning rate",
            .minimum = 0,
            .maximum = 100,
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
            .source = adam,
            .applies = is_adamw}),
      live(
          &OptimizerSettings::beta2,
          {.name = "optimizer.beta2",
           .label = "beta 2",
           .minimum = 0,
           .maximum = 0.999999,
           .help =
               "Memory of the running mean of the squared gradients; 0.999 remembers about a thousand steps.",
           .formula = "v ← β₂ v + (1 - β₂) g²",
           .source = adam,
           .applies = is_adamw}),
      live(&OptimizerSettings::epsilon,
           {.name = "optimizer.epsilon",
            .label = "epsilon",
            .minimum = 0,
            .maximum = 1,
            .help =
                "Added to the denominator of a step. Weights whose gradients are much smaller than it hardly "
                "move, which matters when queries and keys get almost no gradient. At 0 weights without any "
                "gradient stay where they are.",
            .formula = "w ← w - η m̂ / (√v̂ + ε)",
            .source = adam,
            .applies = is_adamw}),
      live(&OptimizerSettings::momentum,
           {.name = "optimizer.momentum",
            .label = "momentum",
            .minimum = 0,
            .maximum = 0.9999,
            .help = "How much of the running sum of gradients stays from step to step; 0.9 sums over about "
                    "ten steps, so that steps are about ten times as long as the gradient says.",
            .formula = "v ← μ v + g",
            .source = "Ahn et al., Linear attention is (maybe) all you need, ICLR 2024",
            .applies = [](const Settings& settings) { return !is_adamw(settings); }}),
      live(&OptimizerSettings::weight_decay, {.name = "optimizer.weight_decay",
                                              .label = "weight decay",
                                              .minimum = 0,
                                              .maximum = 10,
                                              .help = "Shrinks the weights a little at every step, whatever "
                                                      "their gradient. Biases, norms and position "
                                                      "embeddings are left alone.",
                                              .formula = "w ← w - η λ w",
                                              .source = adamw}),
      live(&OptimizerSettings::clip_norm,
           {.name = "optimizer.clip_norm",
            .label = "clip gradient at",
            .minimum = 0,
            .maximum = 1000,
            .help = "Longest gradient that reaches the optimizer: a longer one, of all weights together, is "
                    "shortened to this norm. 0: gradients are left as they are.",
            .formula = "g ← g · min(1, c / |g|₂)",
            .source = "Pascanu et al., On the difficulty of training recurrent neural networks, ICML 2013"}),
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
            .applies = is_transformer}),
      live(&OptimizerSettings::decay_unit,
           {.name = "optimizer.decay_unit",
            .label = "decay per",
            .choices = {"learning-rate", "step"},
            .help = "learning-rate: the decay of a step is the learning rate times the weight decay, as in "
                    "AdamW. step: it is the weight decay itself, so that their product stays fixed while "
                    "the learning rate changes.",
            .formula = "w ← w − η λ w  or  w ← w − λ w",
            .source = singh}),
      live(&OptimizerSettings::readout_rate,
           {.name = "optimizer.readout_rate",
            .label = "rate and readout scale",
            .choices = {"fixed", "inverse-square"},
            .help = "inverse-square divides the learning rate by the square of the readout scale, as "
                    "gradient flow on a squared loss asks for; the decay per step then shrinks with it.",
            .formula = "η = η₀  or  η₀ / α²",
            .source = singh,
            .applies = is_arithmetic_transformer}),
      live(&OptimizerSettings::modifier,
           {.name = "optimizer.modifier",
            .label = "gradient modifier",
            .choices = {"none", "perpendicular", "grokfast"},
            .help = "perpendicular takes from each tensor's gradient the part along its weights, which only "
                    "scales them, and keeps the gradient's length. grokfast adds its slow part, a running "
                    "mean.",
            .formula = "g − ⟨w, g⟩ w / ⟨w, w⟩ at length |g|;  g + λ μ,  μ ← α μ + (1 − α) g",
            .source = "Prieto et al., Grokking at the Edge of Numerical Stability, ICLR 2025; Lee et al., "
                      "Grokfast, 2024"}),
      live(&OptimizerSettings::grokfast_memory,
           {.name = "optimizer.grokfast_memory",
            .label = "Grokfast's memory",
            .minimum = 0,
            .maximum = 0.9999,
            .help = "Memory of the running mean that Grokfast adds; the authors take 0.8 to 0.99.",
            .formula = "μ ← α μ + (1 − α) g",
            .source = "Lee et al., Grokfast, 2024",
            .applies = is_grokfast}),
      live(&OptimizerSettings::grokfast_gain, {.name = "optimizer.grokfast_gain",
                                               .label = "Grokfast's gain",
                                               .minimum = 0,
                                               .maximum = 100,
                                               .help = "How much of the running mean is added to the "
                                                       "gradient; the authors take 0.1 to 5.",
                                               .formula = "g + λ μ",
                                               .source = "Lee et al., Grokfast, 2024",
                                               .applies = is_grokfast}),
      live(&OptimizerSettings::constant_norm,
           {.name = "optimizer.constant_norm",
            .label = "constant norm",
            .help = "Scales all weights after each step so that their common norm stays what it is. With a "
                    "small enough norm there is no delay between memorising and generalising.",
            .formula = "θ ← θ |θ_t| / |θ|",
            .source = "Liu et al., Omnigrok, ICLR 2023"}),
  };
}

} // namespace plateau::study
