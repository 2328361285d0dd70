// Where data lie: environment variables and the home folder.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace plateau::tasks {

/// Empty when it is not set.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// "~/x" as the shell would read it.
inline std::filesystem::path expand_home(const std::string& path) {
  const std::string home = environment("HOME");
  return path.starts_with("~/") && !home.empty() ? std::filesystem::path(home) / path.substr(2)
                                                 : std::filesystem::path(path);
}

} // namespace plateau::tasks
