#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* icl_plateaus =
    "Fu et al., Breaking through the Learning Plateaus of In-context Learning in "
    "Transformer, ICML 2024";

constexpr const char* linear = "Ahn et al., Linear attention is (maybe) all you need, ICLR 2024";
constexpr const char* grokking =
    "Singh et al., Explaining Grokking in Transformers through the Lens of Inductive Bias, 2026";
constexpr const char* laser = "Duvvuri & Dhillon, LASER, ICML 2025";
constexpr const char* own = "Plateau extension";

bool writes_text(const Settings& settings) {
  return settings.task.kind == "text";
}
bool learns_in_context(const Settings& settings) {
  return is_decoder(settings);
}
bool always(const Settings&) {
  return true;
}

/// May differ between members: too costly to be measured of all.
Field costly(std::int64_t ProbeSettings::*member, Field field) {
  field.minimum = 0;
  field.maximum = 1e6;
  field.unit = "steps";
  field.help += " 0 turns it off.";
  field.live = true;
  return declare(&Settings::probes, member, std::move(field));
}
template<class Member> Field probe(Member ProbeSettings::*member, Field field) {
  field.live = true;
  field.per_member = false; // curves of members are compared step by step
  return declare(&Settings::probes, member, std::move(field));
}

Field interval(std::int64_t ProbeSettings::*member, std::function<bool(const Settings&)> applies,
               Field field) {
  field.minimum = 0;
  field.maximum = 1e6;
  field.unit = "steps";
  field.help += " 0 turns it off.";
  field.applies = std::move(applies);
  return probe(member, std::move(field));
}

} // namespace

std::vector<Field> probe_fields() {
  return {
      interval(
          &ProbeSettings::attention_every, is_transformer,
          {.name = "probes.attention_every",
           .label = "attention maps every",
           .help =
               "How often the attention weights of every layer and head are kept: which token looks where.",
           .formula = "A_ij = softmax_j(q_i·k_j / τ)",
           .source = "Hoffmann et al., ICML 2024"}),
      interval(
          &ProbeSettings::saturation_every, is_transformer,
          {.name = "probes.saturation_every",
           .label = "saturation every",
           .help = "How often it is measured how open the softmax is: entropy, largest weight, share of tiny "
                   "weights, size of its Jacobian. A closed softmax passes no gradient to queries and keys.",
           .formula = "J = diag(a) - a aᵀ,  ‖J‖_F² = S₂ - 2 S₃ + S₂²,  S_k = Σ_j a_j^k",
           .source = "Hoffmann et al., ICML 2024"}),
      interval(&ProbeSettings::gradients_every, always,
               {.name = "probes.gradients_every",
                .label = "gradients every",
                .help = "How often the size of the gradients is measured, per layer and kind of weight.",
                .formula = "‖∂L/∂W‖ for W_Q, W_K, W_V, W_O, MLP, embeddings",
                .source = "Hoffmann et al., ICML 2024"}),
      interval(&ProbeSettings::weights_every, always,
               {.name = "probes.weights_every",
                .label = "weight norms every",
                .help = "How often the size of the weights is measured, per layer and kind of weight.",
                .formula = "‖W‖_F",
                .source = "Plateau extension"}),
      interval(&ProbeSettings::components_every, is_transformer,
               {.name = "probes.components_every",
                .label = "components every",
                .help =
                    "How often the representation is split into the part that the weights alone give and the "
                    "part that depends on the context.",
                .formula = "w_l: block with Attention(LN(x)) replaced by LN(x);  c_l = h_l - w_l",
                .source = icl_plateaus}),
      interval(&ProbeSettings::values_every, is_transformer,
               {.name = "probes.values_every",
                .label = "values every",
                .help =
                    "How often it is measured how far the values that a head reads lie apart, and how the "
                    "gradient that LASER would pass to the scores compares with that of the plain read.",
                .formula = "sd_j(v_jc);  r = |p − a| / |a (v − o)|,  p_jc = softmax_j(ln a_j + v_jc)",
                .source = laser}),
      costly(&ProbeSettings::smoothness_every,
             {.name = "probes.smoothness_every",
              .label = "smoothness every",
              .help = "How often the loss's curvature along the step just taken is measured: the smaller it "
                      "is, the longer the steps that still go down. One Hessian-vector product.",
              .formula = "S_t = vᵀ ∇²L(w_t) v,  v = (w_{t+1} − w_t) / |w_{t+1} − w_t|",
              .source = linear}),
      costly(&ProbeSettings::curvature_every,
             {.name = "probes.curvature_every",
              .label = "curvature every",
              .help = "How often the diagonal of the loss's Hessian is measured, for the robust condition "
                      "number: one Hessian-vector product for each coordinate.",
              .formula = "max_i |H_ii| / median_i |H_ii|",
              .source = linear}),
      probe(&ProbeSettings::curvature_samples,
            {.name = "probes.curvature_samples",
             .label = "samples for curvature",
             .minimum = 1,
             .maximum = 100000,
             .logarithmic = true,
             .unit = "samples",
             .help = "Validation samples whose mean loss smoothness and curvature are those of.",
             .source = own,
             .applies =
                 [](const Settings& settings) {
                   return settings.probes.smoothness_every > 0 || settings.probes.curvature_every > 0;
                 }}),
      probe(&ProbeSettings::curvature_coordinates,
            {.name = "probes.curvature_coordinates",
             .label = "coordinates",
             .minimum = 2,
             .maximum = 100000,
             .logarithmic = true,
             .unit = "weights",
             .help = "How many entries of the Hessian's diagonal are measured at most. A model with more "
                     "weights is sampled: the same ones at each step, drawn from the seed.",
             .source = own,
             .applies = [](const Settings& settings) { return settings.probes.curvature_every > 0; }}),
      costly(&ProbeSettings::noise_every,
             {.name = "probes.noise_every",
              .label = "gradient noise every",
              .help = "How often the gradients of many single batches are compared with that of a hundred "
                      "batches together: at the start and then every so many steps.",
              .formula = "|g_k − g|₂,  g over 100 batches",
              .source = linear}),
      probe(&ProbeSettings::noise_draws,
            {.name = "probes.noise_draws",
             .label = "batches drawn",
             .minimum = 10,
             .maximum = 100000,
             .logarithmic = true,
             .unit = "batches",
             .help = "How many single batches the distribution of the gradient noise is made of. The paper "
                     "takes 10 000.",
             .source = linear}),
      probe(&ProbeSettings::noise_batch,
            {.name = "probes.noise_batch",
             .label = "batch of the noise",
             .minimum = 0,
             .maximum = 100000,
             .unit = "samples",
             .help = "Size of these batches; 0: as in training. Small ones show heavy tails better, which "
                     "averaging over a batch hides.",
             .source = own}),
      interval(&ProbeSettings::text_every, writes_text,
               {.name = "probes.text_every",
                .label = "writing every",
                .help = "How often the model writes some text, always with the same random numbers, so that "
                        "one can read what it has learnt.",
                .formula = "x_{t+1} ~ softmax(z_t / temperature)",
                .source = own}),
      probe(&ProbeSettings::text_length, {.name = "probes.text_length",
                                          .label = "characters written",
                                          .minimum = 1,
                                          .maximum = 2000,
                                          .unit = "characters",
                                          .help = "Length of what the model writes.",
                                          .source = own,
                                          .applies = writes_text}),
      probe(&ProbeSettings::text_temperature,
            {.name = "probes.text_temperature",
             .label = "writing temperature",
             .minimum = 0,
             .maximum = 10,
             .help = "1 draws characters as probable as the model finds them, less makes it bolder about its "
                     "favourites; 0 always takes the most probable.",
             .formula = "softmax(z / temperature)",
             .source = own,
             .applies = writes_text}),
      probe(&ProbeSettings::text_prompt,
            {.name = "probes.text_prompt",
             .label = "written after",
             .help = "What the model goes on with. Empty: the beginning of the validation text.",
             .source = own,
             .applies = writes_text}),
      interval(&ProbeSettings::features_every, is_arithmetic_transformer,
               {.name = "probes.features_every",
                .label = "features every",
                .help = "How often it is measured what a model of modular arithmetic has found: attention "
                        "entropy, shortcut reliance, rank and spectrum of the features, Fourier content of "
                        "the embedding, restricted and excluded loss. One pass over all pairs.",
                .formula = "ER = exp(−Σ p_i ln p_i),  p_i = λ_i / Σ λ,  λ of XᵀX",
                .source = grokking}),
      costly(&ProbeSettings::kernel_every,
             {.name = "probes.kernel_every",
              .label = "kernel drift every",
              .help = "How often it is measured how far the neural tangent kernel has moved from where it "
                      "was at the start: one backward pass for each sample.",
              .formula = "|K_t − K₀|_F / |K₀|_F,  K = G Gᵀ,  G_i = ∂ Σ_c z_c(x_i) / ∂θ",
              .source = grokking}),
      probe(&ProbeSettings::kernel_samples,
            {.name = "probes.kernel_samples",
             .label = "samples for the kernel",
             .minimum = 2,
             .maximum = 1024,
             .unit = "samples",
             .help = "Training samples between which the tangent kernel is computed.",
             .source = own,
             .applies = [](const Settings& settings) { return settings.probes.kernel_every > 0; }}),
      interval(&ProbeSettings::in_context_every, learns_in_context,
               {.name = "probes.in_context_every",
                .label = "in-context probes every",
                .help = "How often it is measured what comes from the context and what from the weights: "
                        "accuracy with fixed, known and fresh mappings, linear probes on the weights "
                        "component and of the rule, scores of heads.",
                .formula = "ridge regression on w_l(x), h_l(x);  induction score of a head",
                .source = icl_plateaus}),
      probe(&ProbeSettings::samples, {.name = "probes.samples",
                                      .label = "samples probed",
                                      .minimum = 1,
                                      .maximum = 4096,
                                      .logarithmic = true,
                                      .unit = "samples",
                                      .help = "Validation samples that the probes look at. More give "
                                              "smoother diagnostics and cost more time.",
                                      .source = "Plateau extension"}),
      probe(&ProbeSettings::map_samples,
            {.name = "probes.map_samples",
             .label = "samples with maps",
             .minimum = 1,
             .maximum = 64,
             .unit = "samples",
             .help =
                 "How many of the probed samples keep attention maps of their own. They make up most of a "
                 "recording's size.",
             .source = "Plateau extension",
             .applies = is_transformer}),
  };
}

} // namespace plateau::study
