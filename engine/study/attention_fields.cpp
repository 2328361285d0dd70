#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* paper = "Hoffmann et al., Eureka-Moments in Transformers, ICML 2024";

bool has_schedule(const Settings& settings) {
  return !is_resnet(settings) && settings.attention.schedule != "constant";
}

/// For a setting of one variant.
std::function<bool(const Settings&)> with_variant(const char* name) {
  return
      [name](const Settings& settings) { return !is_resnet(settings) && settings.attention.variant == name; };
}

template<class Member> Field attention(Member AttentionSettings::*member, Field field) {
  field.live = true;
  if (!field.applies) field.applies = [](const Settings& settings) { return is_transformer(settings); };
  return declare(&Settings::attention, member, std::move(field));
}

} // namespace

std::vector<Field> attention_fields() {
  return {
      attention(
          &AttentionSettings::variant,
          {.name = "attention.variant",
           .label = "attention",
           .choices =
               {"softmax",         "norm-softmax",  "norm-softmax-std", "softmax-plus-one", "learned-sink",
                "clipped-softmax", "ssmax",         "soft-cap",         "qk-norm",          "cosine",
                "qk-layer-norm",   "sigma-reparam", "sparsemax",        "entmax-1.5",       "entmax",
                "sigmoid",         "relu",          "linear",           "elu-plus-one",     "sinkhorn",
                "selective",       "differential",  "gated-head",       "gated-element",    "free-energy"},
           .help = "How scores become attention weights, or what else a layer does in the place of plain "
                   "softmax. "
                   "Can be switched in mid-run; a variant with parameters of its own gets them then, with "
                   "values that keep the jump small. `plateau list attention` explains each.",
           .formula = "softmax: a = softmax(l / τ),  l = q·k",
           .source = "named with each variant"}),
      attention(
          &AttentionSettings::laser,
          {.name = "attention.laser",
           .label = "LASER",
           .choices = {"off", "max-shift", "softclamp", "exact"},
           .help = "Reads values by a log-sum-exp instead of their mean, so that the gradient of a score is "
                   "posterior minus prior. max-shift: the paper's, through the largest value of each "
                   "channel. softclamp: values bounded by a tanh, nothing added back. exact: over pairs, "
                   "slower, safe for any values. On top of every variant whose weights are not negative.",
           .formula = "o = ln(a exp(v)) instead of a v,  ∂o_c/∂l_j = (p_jc − a_j) / τ,  "
                      "p_jc = softmax_j(l_j / τ + v_jc)",
           .source = "Duvvuri & Dhillon 2024, LASER, arXiv:2411.03493; softclamp: x-transformers"}),
      attention(&AttentionSettings::laser_clamp, {.name = "attention.laser_clamp",
                                                  .label = "value clamp",
                                                  .minimum = 1,
                                                  .maximum = 80,
                                                  .help = "Bound of the values under LASER's softclamp.",
                                                  .formula = "v ← c tanh(v / c)",
                                                  .source = "x-transformers (c = 15)",
                                                  .applies =
                                                      [](const Settings& settings) {
                                                        return !is_resnet(settings) &&
                                                               settings.attention.laser == "softclamp";
                                                      }}),
      attention(&AttentionSettings::cosine_scale,
                {.name = "attention.cosine_scale",
                 .label = "scale g",
                 .minimum = 0.1,
                 .maximum = 100,
                 .logarithmic = true,
                 .help = "Multiplies the cosines: the sharpest that attention can be.",
                 .formula = "a = softmax(g cos(q, k))",
                 .source = "x-transformers (g = 10)",
                 .applies = with_variant("cosine")}),
      attention(&AttentionSettings::soft_cap, {.name = "attention.soft_cap",
                                               .label = "cap",
                                               .minimum = 0.1,
                                               .maximum = 1000,
                                               .logarithmic = true,
                                               .help = "Scores stay between minus this and this.",
                                               .formula = "z ← c tanh(z / c)",
                                               .source = "Gemma 2 (c = 50)",
                                               .applies = with_variant("soft-cap")}),
      attention(&AttentionSettings::stretch_upper,
                {.name = "attention.stretch_upper",
                 .label = "stretched up to",
                 .minimum = 1,
                 .maximum = 2,
                 .help = "Where a weight of 1 would come to lie before it is cut back to 1.",
                 .formula = "clip((η − γ) a + γ, 0, 1)",
                 .source = "Bondarenko et al. 2023 (η = 1.1)",
                 .applies = with_variant("clipped-softmax")}),
      attention(&AttentionSettings::stretch_lower,
                {.name = "attention.stretch_lower",
                 .label = "stretched down to",
                 .minimum = -1,
                 .maximum = 0,
                 .help = "Where a weight of 0 would come to lie before it is cut back to 0.",
                 .formula = "clip((η − γ) a + γ, 0, 1)",
                 .source = "Bondarenko et al. 2023 (γ = −0.1)",
                 .applies = with_variant("clipped-softmax")}),
      attention(&AttentionSettings::entmax_alpha,
                {.name = "attention.entmax_alpha",
                 .label = "α",
                 .minimum = 1.05,
                 .maximum = 4,
                 .help = "Near 1 is softmax, 2 is sparsemax; the larger, the sparser.",
                 .formula = "a = [(α − 1) z − t]₊^(1 / (α − 1))",
                 .source = "Peters et al. 2019",
                 .applies = with_variant("entmax")}),
      attention(&AttentionSettings::relu_exponent,
                {.name = "attention.relu_exponent",
                 .label = "exponent of n",
                 .minimum = 0,
                 .maximum = 2,
                 .help = "Weights are divided by the number of visible keys to this power.",
                 .formula = "a = max(0, z) / n^α",
                 .source = "Wortsman et al. 2023 (α near 1 is best)",
                 .applies = with_variant("relu")}),
      attention(&AttentionSettings::sinkhorn_iterations,
                {.name = "attention.sinkhorn_iterations",
                 .label = "iterations",
                 .minimum = 1,
                 .maximum = 50,
                 .help = "How often columns and rows are normalised in turn. The last are the rows.",
                 .formula = "z ← z − LSE_i z;  z ← z − LSE_j z",
                 .source = "Sander et al. 2022",
                 .applies = with_variant("sinkhorn")}),
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
