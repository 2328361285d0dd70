#include "app/window/state_file.h"

#include <fstream>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace plateau::window {
namespace fs = std::filesystem;

void write_state_file(const fs::path& file, const std::string& text) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  // Of each process its own: two windows may write at the same time.
  const fs::path temporary = fmt::format("{}.{}.new", file.string(), getpid());
  std::ofstream stream(temporary);
  stream << text;
  stream.close();
  if (stream)
    fs::rename(temporary, file, error);
  else
    error = std::make_error_code(std::errc::io_error);
  if (!error) return;
  spdlog::warn("cannot write {}: {}", file.string(), error.message());
  fs::remove(temporary, error);
}

} // namespace plateau::window
