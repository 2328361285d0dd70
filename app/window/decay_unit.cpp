#include "app/window/decay_unit.h"

#include <algorithm>

#include "app/window/view.h"
#include "engine/study/fields.h"

namespace plateau::window {

double converted_decay(const training::MemberView& member, const std::string& unit) {
  const auto& optimizer = member.settings.optimizer;
  if (optimizer.decay_unit == unit) return optimizer.weight_decay;
  // While the rate warms up, what it will be counts.
  const bool warm = member.step >= optimizer.warmup_steps;
  const double rate =
      warm ? value_at(member, "optimizer/learning-rate", member.step).value_or(optimizer.learning_rate)
           : optimizer.learning_rate;
  if (!(rate > 0)) return optimizer.weight_decay;
  const study::Field& field = study::field("optimizer.weight_decay");
  const double wanted = unit == "step" ? optimizer.weight_decay * rate : optimizer.weight_decay / rate;
  return std::clamp(wanted, field.minimum, field.maximum);
}

std::vector<study::Intervention> decay_unit_changes(const training::Snapshot& snapshot,
                                                    const training::MemberView* only,
                                                    const std::string& unit) {
  const auto change = [&](const std::string& member, double decay) {
    study::Intervention intervention;
    intervention.kind = study::Intervention::Kind::Set;
    intervention.member = member;
    intervention.changes = {{decay_unit, unit}, {"optimizer.weight_decay", decay}};
    return intervention;
  };
  if (only) return {change(only->name, converted_decay(*only, unit))};
  std::vector<study::Intervention> each;
  bool same = true;
  double first = 0;
  for (const auto& member : snapshot.members) {
    if (!member.training) continue;
    const double decay = converted_decay(member, unit);
    if (each.empty()) first = decay;
    same &= decay == first;
    each.push_back(change(member.name, decay));
  }
  if (!each.empty() && same) return {change("", first)};
  return each;
}

} // namespace plateau::window
