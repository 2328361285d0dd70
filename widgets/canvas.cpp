#include "widgets/canvas.h"

namespace plateau::widgets {

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
