// What was open in the window, so that it can be opened again. Theme, text size and splitters are
// preferences: they hold whatever is open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/window/curves_look.h"

namespace plateau::window {

struct SavedWorkspace {
  std::filesystem::path recording = {}; // absolute; a live run is known by what it records to
  std::vector<std::filesystem::path> beside = {};
  std::string member = {};                    // the selected one, as it is shown
  std::optional<std::int64_t> looked_at = {}; // the step shown; empty: the newest
  std::string tab = {};
  CurvesLook curves = {};
  bool operator==(const SavedWorkspace&) const = default;
};

/// Nothing when there is none yet or it is damaged; what is missing or wrong in it has its default.
std::optional<SavedWorkspace> read_workspace(const std::filesystem::path& file);
/// See write_state_file().
void write_workspace(const SavedWorkspace& workspace, const std::filesystem::path& file);

} // namespace plateau::window
