#include "widgets/canvas.h"

namespace plateau::widgets {

std::span<const float> dash_pattern(Dash dash, float width, std::span<float, 4> lengths) {
  const float unit = std::max(0.7f, width);
  const auto set = [&](std::initializer_list<float> units) {
    std::size_t i = 0;
    for (const float u : units) lengths[i++] = u * unit;
    return std::span<const float>(lengths.data(), i);
  };
  switch (dash) {
  case Dash::Solid:
    return {};
  case Dash::Dashed:
    return set({3.5f, 2.5f});
  case Dash::Dotted:
    return set({1, 2});
  case Dash::DashDot:
    return set({5, 2, 1, 2});
  }
  return {};
}

void Canvas::line(Point from, Point to, const Stroke& stroke) {
  const Point points[] = {from, to};
  polyline(points, stroke);
}

std::string fit_text(Canvas& canvas, std::string_view utf8, float width, float size, FontFace face) {
  if (canvas.measure(utf8, size, face).width <= width) return std::string(utf8);
  std::string shortened(utf8);
  while (!shortened.empty()) {
    // Take away one whole character.
    while (!shortened.empty() && (shortened.back() & 0xC0) == 0x80) shortened.pop_back();
    if (!shortened.empty()) shortened.pop_back();
    while (!shortened.empty() && shortened.back() == ' ') shortened.pop_back();
    if (canvas.measure(shortened + "…", size, face).width <= width) return shortened + "…";
  }
  return {};
}

} // namespace plateau::widgets
