// `plateau gui`, and `plateau` alone: the window.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/study_arguments.h"

namespace plateau::commands {

struct GuiArguments {
  std::string target = {};                     // study or recording; empty: the default study
  std::vector<std::string> beside = {};        // recordings to compare with
  StudyArguments study = {};                   // --set, --steps, --seeds; for a study only
  std::string device = "auto";                 // --device
  int threads = 0;                             // --threads
  std::string script = {};                     // --script FILE drives the window
  std::string screenshot = {};                 // --screenshot FILE.png
  std::optional<std::int64_t> quit_after = {}; // --quit-after STEPS
  std::string size = {};                       // --size WxH in pixels
  std::string theme = {};                      // --theme light|dark
  std::optional<float> font_scale = {};        // --font-scale
};

/// Throws InputError, also when there is no display.
int gui_command(const GuiArguments& arguments);

/// Without arguments: the window on the default study, training at once. Where no window can be opened: says
/// so, trains the same study without one and draws its figures beside the recording.
int default_command();

/// "1440x900" -> {1440, 900}. Throws InputError.
struct PixelSize {
  int width = 0, height = 0;
};
PixelSize parse_pixel_size(const std::string& text);

} // namespace plateau::commands
