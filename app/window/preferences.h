// What the window remembers from one day to the next.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace plateau::window {

struct Preferences {
  std::string theme = "dark";      // dark | light
  float font_scale = 1;            // 0.6 .. 3
  float left_width = 0;            // of the controls, in units of the font size; 0: by the window's width
  float right_width = 0;           // of members and events, likewise
  float curves_share = 0.48f;      // of the centre's height; the tabs take the rest
  float smoothing = 0.3f;          // 0 .. 0.99, of the curves
  int redraw_rate = 30;            // frames per second at most, 5 .. 120
  float window_width = 1440;       // in pixels of a screen that is not scaled
  float window_height = 900;       // likewise
  std::vector<std::string> recent; // recordings and studies, latest first
};

inline constexpr float smallest_font_scale = 0.6f, largest_font_scale = 3;
inline constexpr std::size_t most_recent = 12;

/// Every value is forced into its range.
Preferences in_range(Preferences preferences);

/// Defaults for what is missing, wrong or out of range: a damaged file never keeps the window from opening.
Preferences read_preferences(const std::filesystem::path& file);

/// See write_state_file().
void write_preferences(const Preferences& preferences, const std::filesystem::path& file);

/// Puts `path` first in the list of recent files.
void remember(Preferences& preferences, const std::filesystem::path& path);

} // namespace plateau::window
