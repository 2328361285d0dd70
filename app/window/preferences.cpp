#include "app/window/preferences.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "app/window/state_file.h"

namespace plateau::window {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

float limited(float value, float low, float high, float fallback) {
  return std::isfinite(value) ? std::clamp(value, low, high) : fallback;
}

/// Of a column at the side; 0: by the window's width.
float side_width(float value) {
  return value == 0 ? 0 : limited(value, 12, 60, 0);
}

float number(const json& document, const char* key, float fallback) {
  const auto found = document.find(key);
  return found != document.end() && found->is_number() ? found->get<float>() : fallback;
}

} // namespace

Preferences in_range(Preferences p) {
  const Preferences usual;
  if (p.theme != "dark" && p.theme != "light") p.theme = usual.theme;
  p.font_scale = limited(p.font_scale, smallest_font_scale, largest_font_scale, usual.font_scale);
  p.left_width = side_width(p.left_width);
  p.right_width = side_width(p.right_width);
  p.curves_share = limited(p.curves_share, 0.15f, 0.85f, usual.curves_share);
  p.smoothing = limited(p.smoothing, 0, 0.99f, usual.smoothing);
  p.redraw_rate = std::clamp(p.redraw_rate, 5, 120);
  p.window_width = limited(p.window_width, 640, 16384, usual.window_width);
  p.window_height = limited(p.window_height, 480, 16384, usual.window_height);
  if (p.recent.size() > most_recent) p.recent.resize(most_recent);
  return p;
}

Preferences read_preferences(const fs::path& file) {
  Preferences p;
  std::ifstream stream(file);
  if (!stream) return p;
  const json document = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) {
    spdlog::warn("{} is not readable as JSON: using the default preferences", file.string());
    return p;
  }
  if (const auto theme = document.find("theme"); theme != document.end() && theme->is_string())
    p.theme = theme->get<std::string>();
  p.font_scale = number(document, "font_scale", p.font_scale);
  p.left_width = number(document, "left_width", p.left_width);
  p.right_width = number(document, "right_width", p.right_width);
  p.curves_share = number(document, "curves_share", p.curves_share);
  p.smoothing = number(document, "smoothing", p.smoothing);
  const float rate = number(document, "redraw_rate", static_cast<float>(p.redraw_rate));
  if (rate > 0 && rate < 1000) p.redraw_rate = static_cast<int>(rate);
  p.window_width = number(document, "window_width", p.window_width);
  p.window_height = number(document, "window_height", p.window_height);
  if (const auto recent = document.find("recent"); recent != document.end() && recent->is_array())
    for (const json& entry : *recent)
      if (entry.is_string()) p.recent.push_back(entry.get<std::string>());
  return in_range(std::move(p));
}

void write_preferences(const Preferences& preferences, const fs::path& file) {
  const Preferences p = in_range(preferences);
  const json document = {{"theme", p.theme},
                         {"font_scale", p.font_scale},
                         {"left_width", p.left_width},
                         {"right_width", p.right_width},
                         {"curves_share", p.curves_share},
                         {"smoothing", p.smoothing},
                         {"redraw_rate", p.redraw_rate},
                         {"window_width", p.window_width},
                         {"window_height", p.window_height},
                         {"recent", p.recent}};
  // Paths may hold any bytes: those that are not UTF-8 are replaced, not thrown over.
  write_state_file(file, document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

void remember(Preferences& preferences, const fs::path& path) {
  const std::string text = path.string();
  std::erase(preferences.recent, text);
  preferences.recent.insert(preferences.recent.begin(), text);
  if (preferences.recent.size() > most_recent) preferences.recent.resize(most_recent);
}

} // namespace plateau::window
