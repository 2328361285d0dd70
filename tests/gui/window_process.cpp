#include "tests/gui/window_process.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>

#include <cairo.h>
#include <fmt/format.h>

namespace plateau::test {
namespace fs = std::filesystem;

Outcome run_window(const Scratch& scratch, const XServer& server, std::vector<std::string> arguments,
                   const std::string& script) {
  const fs::path file = scratch / "script.txt";
  std::ofstream(file) << script;
  arguments.insert(arguments.begin(), {"gui", "--size", "1000x700"});
  arguments.insert(arguments.end(), {"--script", file.string()});
  return launch(scratch, arguments, server.environment());
}

std::vector<fs::path> window_recordings(const Scratch& scratch) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(scratch / "home/data/plateau/recordings", none))
    if (entry.path().extension() == ".plateau") found.push_back(entry.path());
  // Without the suffix: "run-2.plateau" would come before "run.plateau".
  std::ranges::sort(found, {}, [](const fs::path& path) { return path.stem().string(); });
  return found;
}

std::string write_window_study(const Scratch& scratch, int steps) {
  const fs::path path = scratch / "window.toml";
  std::ofstream(path) << fmt::format(R"(name = "window"
title = "A run for the window"

[task]
cell_size = 8
validation_samples = 64

[model]
patch = 8
width = 16
heads = 2
depth = 2
base_channels = 4

[training]
steps = {}
batch_size = 8
evaluate_every = 10
checkpoint_every = 20

[probes]
samples = 8
map_samples = 2
attention_every = 10
saturation_every = 10
gradients_every = 10
weights_every = 10
components_every = 10

[[member]]
name = "ViT"
seed = 3

[[member]]
name = "CNN"
seed = 3
set = {{ "model.kind" = "resnet" }}
)",
                                     steps);
  return path.string();
}

Picture read_picture(const fs::path& png) {
  cairo_surface_t* surface = cairo_image_surface_create_from_png(png.c_str());
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
    cairo_surface_destroy(surface);
    throw std::runtime_error("cannot read " + png.string());
  }
  Picture picture{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface)};
  const int stride = cairo_image_surface_get_stride(surface);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  std::set<std::uint32_t> colors;
  double sum = 0;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const unsigned char* pixel = data + y * stride + x * 4;
      sum += pixel[0] + pixel[1] + pixel[2];
      if (colors.size() < 4096) colors.insert(pixel[0] | pixel[1] << 8 | pixel[2] << 16);
    }
  cairo_surface_destroy(surface);
  picture.colors = static_cast<int>(colors.size());
  picture.brightness = sum / (765.0 * picture.width * picture.height);
  return picture;
}

} // namespace plateau::test
