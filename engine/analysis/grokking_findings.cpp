// The list of grokking.md 4.5: what must be visible of the paper's claims. Members are told apart by where
// their norms stand and by the one lever that differs from the study's own settings.
#include "engine/analysis/grokking_parts.h"

namespace plateau::analysis {
namespace grokking {
namespace {

constexpr double known = 0.99; // accuracy from which on a set counts as learnt

} // namespace

double memorises(const MemberView& member) {
  return first_step(member, "accuracy/train", [](double accuracy) { return accuracy >= known; });
}

double generalises(const MemberView& member) {
  return first_step(member, "accuracy/validation", [](double accuracy) { return accuracy >= known; });
}

BySeed members_like(const Snapshot& snapshot, const std::function<void(study::Settings&)>& change) {
  auto wanted = snapshot.study->settings;
  change(wanted);
  return all_members_where(snapshot, [&](const study::Settings& s) {
    return s.task == wanted.task && s.model == wanted.model && s.optimizer == wanted.optimizer &&
           s.training.loss == wanted.training.loss;
  });
}

BySeed placed(const Snapshot& snapshot, const Placement& placement) {
  return members_like(snapshot, [&](study::Settings& s) { s.model.norms = placement.norms; });
}

} // namespace grokking

std::vector<Finding> grokking_findings(const Snapshot& snapshot) {
  auto list = grokking::of_placements(snapshot);
  for (auto& finding : grokking::of_levers(snapshot)) list.push_back(std::move(finding));
  return list;
}

} // namespace plateau::analysis
