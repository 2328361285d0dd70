// The window: opens a study and trains it live, or replays a recording (DESIGN 8).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/study/study.h"

namespace plateau::window {

struct WindowOptions {
  std::optional<study::Study> study;               // trained live; neither this nor `recording`: "eureka"
  std::optional<std::filesystem::path> recording;  // replayed without training
  std::vector<std::filesystem::path> beside = {};  // recordings to compare with
  std::string device = "auto";                     // auto | cpu | cuda
  int threads = 0;                                 // see training::TrainerOptions
  std::optional<std::filesystem::path> script;     // drives the window, see script.h
  std::optional<std::filesystem::path> screenshot; // PNG of the last frame, written when the window closes
  std::optional<std::int64_t> quit_after;          // closes when this many training steps are reached
  int width = 0, height = 0;                       // pixels; 0: as last time
  bool nothing_asked = false;                      // then what was open last is offered
  std::optional<std::string> theme;                // light | dark; otherwise as last time
  std::optional<float> font_scale;                 // 0.6 .. 3; otherwise as last time
};

/// Returns the process's exit code: 0; 1 when the script's expectations failed; 130 when Ctrl-C or another
/// signal closed the window.
/// Throws InputError when there is no display, the script cannot be read, or an option is wrong.
int run_window(const WindowOptions& options);

} // namespace plateau::window
