#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* icl_plateaus =
    "Fu et al., Breaking through the Learning Plateaus of In-context Learning in Transformer, ICML 2024";

template<class Member>
Field strategy(Member StrategySettings::*member, bool (*applies)(const Settings&), Field field) {
  field.live = true;
  field.source = icl_plateaus;
  field.applies = applies;
  return declare(&Settings::strategy, member, std::move(field));
}

} // namespace

std::vector<Field> strategy_fields() {
  return {
      strategy(&StrategySettings::extra_loss, has_extra_targets,
               {.name = "strategy.extra_loss",
                .label = "extra loss",
                .minimum = 0,
                .maximum = 100,
                .help = "Weight of a second loss, asked of outputs of its own at the same places. The paper "
                        "takes 0.1. 0 turns it off.",
                .formula = "L = L_label + λ L_extra"}),
      strategy(&StrategySettings::extra_target, has_extra_targets,
               {.name = "strategy.extra_target",
                .label = "it asks for",
                .choices = {"attributes", "rule"},
                .help = "attributes: all factors of the item at hand (of a text: the plain letter), which "
                        "the weights alone can tell: this improves the weights component. rule: which "
                        "factor the sequence is about, which only the context tells: the control.",
                .formula = "L_extra = Σ_f CE(v_f(x_i))  or  CE(φ)"}),
      strategy(&StrategySettings::fixed_share, has_mappings,
               {.name = "strategy.fixed_share",
                .label = "share with fixed mapping",
                .minimum = 0,
                .maximum = 1,
                .help = "Mixed training: share of the training sequences whose labels come from one mapping "
                        "that never changes, so that the weights alone can learn it. 1: nothing else.",
                .formula = "D_fix with probability s, else D_rnd"}),
      strategy(&StrategySettings::fixed_first, has_mappings,
               {.name = "strategy.fixed_first",
                .label = "fixed mapping first",
                .minimum = 0,
                .maximum = 1e7,
                .unit = "steps",
                .help = "Weights warm-up: for so many steps, counted from the start of the run, all training "
                        "sequences have the fixed mapping.",
                .formula = "s(t) = 1 for t < this"}),
  };
}

} // namespace plateau::study
