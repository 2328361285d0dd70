// Writes a picture of the window as a PNG file.
#pragma once

#include <filesystem>

#include "widgets/image.h"

namespace plateau::window {

/// One pixel per pixel. Throws InputError or RunError.
void write_png(const widgets::Image& picture, const std::filesystem::path& file);

} // namespace plateau::window
