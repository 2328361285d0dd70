#include "app/window/screenshot.h"

#include "engine/errors.h"
#include "widgets/file_canvas.h"

namespace plateau::window {

void write_png(const widgets::Image& picture, const std::filesystem::path& file) {
  if (file.extension() != ".png")
    throw InputError("a screenshot is a .png file, not '" + file.string() + "'");
  const widgets::Size size = {static_cast<float>(picture.width()), static_cast<float>(picture.height())};
  const auto canvas = widgets::open_figure_file(file, size, {.title = "Plateau", .provenance = {}}, 1);
  canvas->image({0, 0, size.width, size.height}, picture, widgets::Interpolation::Nearest);
  canvas->finish();
}

} // namespace plateau::window
