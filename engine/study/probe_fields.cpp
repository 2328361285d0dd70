#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* icl_plateaus =
    "Fu et al., Breaking through the Learning Plateaus of In-context Learning in "
    "Transformer, ICML 2024";

bool always(const Settings&) {
  return true;
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
          &ProbeSettings::attention_every, is_vision_transformer,
          {.name = "probes.attention_every",
           .label = "attention maps every",
           .help =
               "How often the attention weights of every layer and head are kept: which token looks where.",
           .formula = "A_ij = softmax_j(q_i·k_j / τ)",
           .source = "Hoffmann et al., ICML 2024"}),
      interval(
          &ProbeSettings::saturation_every, is_vision_transformer,
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
      interval(&ProbeSettings::components_every, is_vision_transformer,
               {.name = "probes.components_every",
                .label = "components every",
                .help =
                    "How often the representation is split into the part that the weights alone give and the "
                    "part that depends on the context.",
                .formula = "w_l: block with Attention(LN(x)) replaced by LN(x);  c_l = h_l - w_l",
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
             .applies = is_vision_transformer}),
  };
}

} // namespace plateau::study
