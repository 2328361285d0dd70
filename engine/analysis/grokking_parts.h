// Internal: whom the statements about grokking compare, and when a member has generalised.
#pragma once

#include "engine/analysis/timed_findings.h"

namespace plateau::analysis::grokking {

inline constexpr const char* paper =
    "Singh et al., Explaining Grokking in Transformers through the Lens of Inductive Bias, 2026";

struct Placement {
  const char *norms, *name; // model.norms; the paper's name (grokking.md 1.3)
};
inline constexpr Placement m_a_v{"v+mlp", "M+A^v"}, m{"mlp", "M"}, a_v{"v", "A^v"}, m_a{"qkv+mlp", "M+A*"},
    a{"qkv", "A*"}, no_norm{"none", "No LN"}, a_qk{"qk", "A^qk"};
inline constexpr Placement placements[] = {m_a_v, m, a_v, m_a, a, no_norm, a_qk};

/// Step of 99 % training accuracy, of 99 % test accuracy (grokking.md 4.2).
double memorises(const MemberView& member);
double generalises(const MemberView& member);

/// Members like the study itself, but for what `change` does: they differ in the one lever that a statement
/// is about.
BySeed members_like(const Snapshot& snapshot, const std::function<void(study::Settings&)>& change);
BySeed placed(const Snapshot& snapshot, const Placement& placement);

/// grokking.md 4.5: 1 to 4 and 7, of the placements; 5, 6 and 8, of the levers.
std::vector<Finding> of_placements(const Snapshot& snapshot);
std::vector<Finding> of_levers(const Snapshot& snapshot);

} // namespace plateau::analysis::grokking
