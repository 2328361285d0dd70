#include "app/window/state_file.h"

#include <spdlog/spdlog.h>

#include "engine/recording/fresh_file.h"

namespace plateau::window {
namespace fs = std::filesystem;

void write_state_file(const fs::path& file, const std::string& text) {
  try {
    std::error_code ignored; // then opening it says why
    fs::create_directories(file.parent_path(), ignored);
    recording::write_fresh_file(file, text);
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
  }
}

} // namespace plateau::window
