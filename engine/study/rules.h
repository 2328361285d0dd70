// What must hold between fields (each field's own range is in the field table).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/study/settings.h"

namespace plateau::study {

struct Conflict {
  std::string message;
  std::vector<std::string> fields; // those involved, so that a reader can point to the line
};
/// The first rule that is broken.
std::optional<Conflict> find_conflict(const Settings& settings);

} // namespace plateau::study
