#include "app/commands/gui.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "app/commands/figure.h"
#include "app/commands/run.h"
#include "app/figures/catalogue.h"
#include "app/window/folders.h"
#include "app/window/window.h"
#include "engine/errors.h"
#include "engine/recording/overview.h"
#include "engine/recording/reader.h"

namespace plateau::commands {
namespace fs = std::filesystem;

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

/// Where the window would keep its recordings; the current folder when there is no home.
fs::path folder_for_recordings() {
  try {
    const fs::path folder = window::recordings_folder();
    fs::create_directories(folder);
    return folder;
  } catch (const std::exception&) {
    return fs::current_path();
  }
}

/// Every figure for which the recording holds data, as PDF beside it.
void draw_all_figures(const fs::path& recording) {
  const auto snapshot = recording::Reader(recording).snapshot();
  for (const figures::FigureInfo& figure : figures::figures()) {
    if (!figure.missing(*snapshot, {}).empty()) continue;
    FigureArguments arguments;
    arguments.recording = recording.string();
    arguments.figures = {figure.name};
    arguments.out = (recording.parent_path() / recording.stem()).string() + "-" + figure.name + ".pdf";
    figure_command(arguments);
  }
}

int run_without_window(const std::string& why) {
  RunArguments arguments;
  arguments.study_named = true;
  fmt::print(stderr, "plateau: {}; training '{}' without a window\n", why, arguments.study.study);
  arguments.out = new_recording_path(folder_for_recordings(), arguments.study.study).string();
  const RunResult result = run_study(arguments);
  if (result.exit_code == 0) draw_all_figures(result.recording);
  return result.exit_code;
}

} // namespace

PixelSize parse_pixel_size(const std::string& text) {
  constexpr int smallest = 320, largest = 16384;
  PixelSize size;
  const char* end = text.data() + text.size();
  const auto [middle, first] = std::from_chars(text.data(), end, size.width);
  if (first == std::errc{} && middle != end && *middle == 'x') {
    const auto [last, second] = std::from_chars(middle + 1, end, size.height);
    const auto fits = [](int pixels) { return pixels >= smallest && pixels <= largest; };
    if (second == std::errc{} && last == end && fits(size.width) && fits(size.height)) return size;
  }
  throw InputError(
      fmt::format("--size: '{}' is not WIDTHxHEIGHT in pixels, each from {} to {}, like 1440x900", text,
                  smallest, largest));
}

int gui_command(const GuiArguments& arguments) {
  window::WindowOptions options;
  if (recording::is_recording(arguments.target)) {
    if (!arguments.study.assignments.empty() || arguments.study.steps || !arguments.study.seeds.empty())
      throw InputError("plateau gui: --set, --steps and --seeds change a study, not a recording");
    options.recording = arguments.target;
  } else {
    StudyArguments study = arguments.study;
    if (!arguments.target.empty()) study.study = arguments.target;
    options.study = chosen_study(study);
    options.nothing_asked = arguments.target.empty() && arguments.beside.empty() &&
                            study.assignments.empty() && !study.steps && study.seeds.empty();
  }
  for (const std::string& recording : arguments.beside) {
    if (!recording::is_recording(recording))
      throw InputError(
          fmt::format("plateau gui: '{}' is no recording; only recordings can be compared with", recording));
    options.beside.emplace_back(recording);
  }
  options.device = arguments.device;
  options.threads = arguments.threads;
  if (!arguments.script.empty()) options.script = arguments.script;
  if (!arguments.screenshot.empty()) options.screenshot = arguments.screenshot;
  options.quit_after = arguments.quit_after;
  if (!arguments.size.empty()) {
    const PixelSize size = parse_pixel_size(arguments.size);
    options.width = size.width;
    options.height = size.height;
  }
  if (!arguments.theme.empty()) options.theme = arguments.theme;
  options.font_scale = arguments.font_scale;
  return window::run_window(options);
}

int default_command() {
  if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) return run_without_window("no display here");
  try {
    window::WindowOptions options;
    options.nothing_asked = true;
    return window::run_window(options);
  } catch (const InputError& error) {
    return run_without_window(error.what());
  }
}

} // namespace plateau::commands
