// The real window: `plateau gui` on an X server of its own, driven by a script.
#pragma once

#include <string>
#include <vector>

#include "tests/app/plateau_process.h"
#include "tests/gui/x_server.h"

namespace plateau::test {

/// Writes `script` into the scratch folder and runs `plateau gui ARGUMENTS --script` with it.
Outcome run_window(const Scratch& scratch, const XServer& server, std::vector<std::string> arguments,
                   const std::string& script);

/// Recordings that the window has made, sorted by name.
std::vector<std::filesystem::path> window_recordings(const Scratch& scratch);

/// Writes a study that trains a transformer and a CNN for seconds, "window.toml", and returns its path.
std::string write_window_study(const Scratch& scratch, int steps = 100'000);

/// Width, height and the number of different colours (up to 4096) of a PNG file.
struct Picture {
  int width = 0, height = 0, colors = 0;
  double brightness = 0; // mean, 0..1
};
Picture read_picture(const std::filesystem::path& png);

} // namespace plateau::test
