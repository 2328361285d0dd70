// Colour maps that are even to the eye and safe for colour-blind readers.
#pragma once

#include <string_view>

#include "widgets/geometry.h"

namespace plateau::widgets {

enum class ColorMap {
  Viridis, // sequential, blue to yellow
  Magma,   // sequential, black to cream
  Cividis, // sequential, the same to nearly every reader
  Ink,     // sequential, from the paper's white to dark blue: for print
  Balance, // diverging, blue - white - red
};

/// Colour at t in 0..1 (clamped; not a number: grey).
Color color_at(ColorMap map, double t);
std::string_view to_string(ColorMap map);

/// CIE lightness L* (0..100) of a colour.
double lightness(Color color);

} // namespace plateau::widgets
