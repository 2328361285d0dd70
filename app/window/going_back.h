// To which steps one can go back, and why not.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/recording/annotations.h"
#include "engine/training/snapshot.h"

namespace plateau::window {

/// The last of `checkpoints` (ascending) at or before `step`.
std::optional<std::int64_t> checkpoint_before(std::span<const std::int64_t> checkpoints, std::int64_t step);

/// Why all members cannot go back to a checkpoint at or before `step`, one line; empty: they can.
std::string rewind_obstacle(const training::Snapshot& snapshot, bool live, std::int64_t step);
/// Likewise, why `member` cannot branch. Null: there is none yet.
std::string branch_obstacle(const training::Snapshot& snapshot, bool live, const training::MemberView* member,
                            std::int64_t step);

/// What will be kept, and what of it makes room: "one more every 500 steps and at events, ..."
std::string policy_text(const training::Snapshot& snapshot);

/// Is it a mark on the time line? Plateaus are spans there and checkpoints have marks of their own.
bool is_marked(const training::Event& event, const std::set<int>& hidden);
bool is_marked(const recording::Remark& remark, const std::set<int>& hidden);
/// Steps of all that is marked, and those at which plateaus of `selected` begin or end; ascending, each once.
std::vector<std::int64_t> event_steps(const training::Snapshot& snapshot,
                                      std::span<const recording::Remark> remarks, const std::set<int>& hidden,
                                      int selected);

} // namespace plateau::window
