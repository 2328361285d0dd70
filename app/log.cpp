#include "app/log.h"

#include <cstdlib>
#include <memory>

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

namespace plateau::app {
namespace fs = std::filesystem;

fs::path log_file() {
  // The XDG specification: relative paths in these variables are to be ignored.
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && fs::path(state).is_absolute())
    return fs::path(state) / "plateau" / "plateau.log";
  if (const char* home = std::getenv("HOME"); home && *home)
    return fs::path(home) / ".local" / "state" / "plateau" / "plateau.log";
  return {};
}

void start_log() {
  constexpr std::size_t largest = 512 * 1024, older_files = 1;
  spdlog::sink_ptr sink;
  try {
    if (const fs::path file = log_file(); !file.empty()) {
      fs::create_directories(file.parent_path());
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), largest, older_files);
    }
  } catch (const std::exception&) {
    // A run matters more than its log: a full or read-only home must not stop it.
  }
  if (!sink) sink = std::make_shared<spdlog::sinks::null_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("plateau", sink);
  logger->set_error_handler([](const std::string&) {});
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace plateau::app
