#include "app/window/folders.h"

#include <cctype>
#include <cstdlib>
#include <ctime>
#include <fstream>

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

std::string stem_of(const std::string& name, std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{}-{:%Y-%m-%d-%H%M%S}", name, local);
}

} // namespace

fs::path settings_file() {
  return xdg_folder("XDG_CONFIG_HOME", ".config") / "plateau" / "settings.json";
}

fs::path recordings_folder() {
  return xdg_folder("XDG_DATA_HOME", ".local/share") / "plateau" / "recordings";
}

fs::path workspace_file() {
  return xdg_folder("XDG_STATE_HOME", ".local/state") / "plateau" / "workspace.json";
}

fs::path expanded(const std::string& typed, const fs::path& folder) {
  if (typed.empty()) return {};
  const char* home = std::getenv("HOME");
  if (home && typed == "~") return home;
  if (home && typed.starts_with("~/")) return (fs::path(home) / typed.substr(2)).lexically_normal();
  return (folder / typed).lexically_normal(); // an absolute path stands for itself
}

fs::path free_path(const fs::path& folder, const std::string& stem, const std::string& suffix) {
  fs::path path = folder / (stem + suffix);
  std::error_code ignored;
  for (int copy = 2; fs::exists(path, ignored); ++copy)
    path = folder / fmt::format("{}-{}{}", stem, copy, suffix);
  return path;
}

fs::path pictures_folder() {
  const char* home = std::getenv("HOME");
  // Lines such as XDG_PICTURES_DIR="$HOME/Pictures"; other programs write this file.
  std::ifstream file(xdg_folder("XDG_CONFIG_HOME", ".config") / "user-dirs.dirs");
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view key = "XDG_PICTURES_DIR=\"", of_home = "$HOME";
    if (!line.starts_with(key) || !line.ends_with('"') || line.size() <= key.size()) continue;
    std::string value = line.substr(key.size(), line.size() - key.size() - 1);
    if (value.starts_with(of_home) && home) value = home + value.substr(of_home.size());
    // The home folder itself means that there is none.
    const fs::path folder = fs::path(value).lexically_normal();
    std::error_code ignored;
    if (folder.is_absolute() && fs::is_directory(folder, ignored) &&
        (!home || folder / "" != fs::path(home) / ""))
      return folder;
  }
  return xdg_folder("XDG_DATA_HOME", ".local/share") / "plateau" / "pictures";
}

fs::path new_picture_path(const fs::path& folder, std::chrono::system_clock::time_point now) {
  return free_path(folder, stem_of("plateau", now), ".png");
}

fs::path new_recording_path(const fs::path& folder, const std::string& study_name,
                            std::chrono::system_clock::time_point now) {
  return free_path(folder, stem_of(file_name_of(study_name), now), ".plateau");
}

} // namespace plateau::window
