// Changing what the weight decay counts in without changing what a step loses (grokking.md 1.4).
#pragma once

#include <string>
#include <vector>

#include "engine/study/study.h"
#include "engine/training/snapshot.h"

namespace plateau::window {

inline constexpr const char* decay_unit = "optimizer.decay_unit";

/// The member's weight decay where it counts in `unit` ("learning-rate" or "step"): lambda_step = eta lambda
/// with the learning rate eta in force, within what is allowed. Unchanged where it counts so already, or eta
/// is 0.
double converted_decay(const training::MemberView& member, const std::string& unit);

/// Interventions that set unit and decay together: of `only` this member, or (null) of all that train; one
/// for all where all get the same decay, else one each.
std::vector<study::Intervention> decay_unit_changes(const training::Snapshot& snapshot,
                                                    const training::MemberView* only,
                                                    const std::string& unit);

} // namespace plateau::window
