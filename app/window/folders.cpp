#include "app/window/folders.h"

#include <cctype>
#include <cstdlib>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "engine/errors.h"

namespace plateau::window {
namespace fs = std::filesystem;

namespace {

fs::path xdg_folder(const char* variable, const char* below_home) {
  // The XDG specification: relative paths in these variables are to be ignored.
  if (const char* value = std::getenv(variable); value && fs::path(value).is_absolute()) return value;
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / below_home;
  throw InputError(fmt::format("no folder for Plateau's files: set HOME or {}", variable));
}

std::string file_name_of(const std::string& study_name) {
  std::string name;
  for (const char c : study_name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    name += plain ? c : '-';
  }
  return name.empty() ? "study" : name;
}

} // namespace

fs::path settings_file() {
  return xdg_folder("XDG_CONFIG_HOME", ".config") / "plateau" / "settings.json";
}

fs::path recordings_folder() {
  return xdg_folder("XDG_DATA_HOME", ".local/share") / "plateau" / "recordings";
}

fs::path new_recording_path(const fs::path& folder, const std::string& study_name,
                            std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm local{};
  localtime_r(&seconds, &local);
  const std::string stem = fmt::format("{}-{:%Y-%m-%d-%H%M%S}", file_name_of(study_name), local);
  fs::path path = folder / (stem + ".plateau");
  for (int copy = 2; fs::exists(path); ++copy) path = folder / fmt::format("{}-{}.plateau", stem, copy);
  return path;
}

} // namespace plateau::window
