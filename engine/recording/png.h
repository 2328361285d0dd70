// Small grey pictures of numbers, for files that hold pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plateau::recording {

/// Row by row from the top; 0 is black.
struct GreyImage {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// The bytes of a PNG file. Throws RunError when there is no memory for it.
std::string to_png(const GreyImage& image);

} // namespace plateau::recording
