// The log file: everything that is too long for the one line that a person gets to see.
#pragma once

#include <filesystem>

namespace plateau::app {

/// $XDG_STATE_HOME/plateau/plateau.log; empty when there is neither that variable nor HOME.
std::filesystem::path log_file();

/// From here on spdlog's default logger writes to log_file() (rotated at 512 KiB, one older file kept), or
/// nowhere when that cannot be opened. Never to the terminal.
void start_log();

} // namespace plateau::app
