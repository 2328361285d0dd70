// Arrays of a member's frame; internal to app/figures and the panels.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/training/snapshot.h"

namespace plateau::figures {

/// Null when there is none of this name.
std::shared_ptr<const training::Tensor> tensor(const training::MemberView& member, const std::string& name);

/// The last point at or before `step` (the newest without one).
std::optional<training::Point> point_at(const training::MemberView& member, const std::string& metric,
                                        std::optional<std::int64_t> step);

/// "P" and 1 -> "P₁".
std::string with_subscript(const std::string& name, int number);

} // namespace plateau::figures
