// What takes how much on disk, for people.
#pragma once

#include <cstdint>
#include <string>

#include "engine/training/snapshot.h"

namespace plateau::app {

/// "820 kB", "3.1 MB", "34 MB", "1.3 GB": decimal units.
std::string bytes_text(std::int64_t bytes);
/// "12 checkpoints, 34 MB"; empty when there is none.
std::string kept_text(const training::KeptStates& kept);

} // namespace plateau::app
