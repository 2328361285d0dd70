// What must hold between fields (each field's own range is in the field table).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/study/settings.h"

namespace plateau::study {

/// Combinations of all factors' levels, of each of which a vector is kept.
constexpr std::int64_t most_grid_cells = 1 << 16;

struct Conflict {
  std::string message;
  std::vector<std::string> fields; // those involved, so that a reader can point to the line
};
/// The first rule that is broken.
std::optional<Conflict> find_conflict(const Settings& settings);

} // namespace plateau::study
