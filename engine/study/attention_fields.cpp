#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* paper = "Hoffmann et al., Eureka-Moments in Transformers, ICML 2024";

bool has_schedule(const Settings& settings) {
  return !is_resnet(settings) && settings.attention.schedule != "constant";
}

template<class Member> Field attention(Member AttentionSettings::*member, Field field) {
  field.live = true;
  if (!field.applies) field.applies = [](const Settings& settings) { return !is_resnet(settings); };
  return declare(&Settings::attention, member, std::move(field));
}

} // namespace

std::vector<Field> attention_fields() {
  return {
      attention(
          &AttentionSettings::variant,
          {.name = "attention.variant",
           .label = "attention",
           .choices = {"softmax", "norm-softmax", "norm-softmax-std"},
           .help = "How scores become attention weights. norm-softmax divides each row of scores by its own "
                   "variance as long as that is below the temperature, so that attention cannot start out "
                   "uniform; norm-softmax-std divides by the standard deviation instead.",
           .formula =
               "softmax: a = softmax(l / τ);  norm-softmax: a = softmax(l / min(τ, v)),  v = Var(l) of "
               "the row;  norm-softmax-std: v = Std(l)",
           .source = "Hoffmann et al., ICML 2024; standard deviation form: Jiang et al., NormSoftmax"}),
      attention(&AttentionSettings::temperature,
                {.name = "attention.temperature",
                 .label = "temperature",
                 .minimum = 1e-3,
                 .maximum = 1e3,
                 .logarithmic = true,
                 .unit = "x sqrt(d_k)",
                 .help =
                     "Divides the scores before the softmax. Low is sharp: attention saturates on one token; "
                     "high is uniform: both extremes starve queries and keys of gradient.",
                 .formula = "a = softmax(q·k / τ),  τ = temperature × √d_k",
                 .source = paper}),
      attention(
          &AttentionSettings::schedule,
          {.name = "attention.schedule",
           .label = "heat treatment",
           .choices = {"constant", "half-cosine", "cosine", "linear"},
           .help = "Heat treatment: start cold (sharp attention) and warm up to the temperature above. The "
                   "multiplier s = 1/τ goes from its start to its end along a cosine over a share of the run "
                   "(half-cosine, the paper's), over the whole run (cosine), or along a straight line over "
                   "that share (linear).",
           .formula = "s(t) = s₁ + ½ (s₀ - s₁) (1 + cos(π t / T)),  s = 1/τ;  t ≥ T: s₁",
           .source = paper}),
      attention(
          &AttentionSettings::schedule_start,
          {.name = "attention.schedule_start",
           .label = "starting temperature",
           .minimum = 1e-3,
           .maximum = 1e3,
           .logarithmic = true,
           .unit = "x sqrt(d_k)",
           .help = "Temperature at step 0 of the heat treatment. The paper starts at τ = 1/3 with d_k = 64, "
                   "which is 1/24 here.",
           .formula = "s₀ = 1 / (start × √d_k)",
           .source = paper,
           .applies = has_schedule}),
      attention(&AttentionSettings::schedule_portion,
                {.name = "attention.schedule_portion",
                 .label = "duration",
                 .minimum = 0.01,
                 .maximum = 1,
                 .unit = "of the run",
                 .help = "Share of the planned steps after which the heat treatment has reached its end. "
                         "The paper takes half of the run.",
                 .formula = "T = share × steps",
                 .source = paper,
                 .applies =
                     [](const Settings& settings) {
                       return has_schedule(settings) && settings.attention.schedule != "cosine";
                     }}),
  };
}

} // namespace plateau::study
