// Icons as shapes: crisp at every scale, and no icon font to ship.
#include <cmath>

#include "widgets/help.h"

namespace plateau::widgets {
namespace {

// Draws in a unit square that is laid into `where`.
class Pen {
public:
  Pen(Canvas& canvas, const Rect& where, Color color) : canvas_(canvas), color_(color) {
    size_ = std::min(where.width, where.height);
    origin_ = {where.center().x - size_ / 2, where.center().y - size_ / 2};
    width_ = std::max(1.f, size_ * 0.09f);
  }
  Point at(float x, float y) const { return {origin_.x + x * size_, origin_.y + y * size_}; }
  void fill(std::initializer_list<Point> unit) {
    std::vector<Point> points;
    for (const Point p : unit) points.push_back(at(p.x, p.y));
    canvas_.polygon(points, color_);
  }
  void stroke(std::initializer_list<Point> unit) {
    std::vector<Point> points;
    for (const Point p : unit) points.push_back(at(p.x, p.y));
    canvas_.polyline(points, {color_, width_});
  }
  void bar(float x, float y, float w, float h, float rounding = 0.06f) {
    const Point p = at(x, y);
    canvas_.fill_rect({p.x, p.y, w * size_, h * size_}, color_, rounding * size_);
  }
  void box(float x, float y, float w, float h, float rounding = 0.08f) {
    const Point p = at(x, y);
    canvas_.stroke_rect({p.x, p.y, w * size_, h * size_}, {color_, width_}, rounding * size_);
  }
  void disk(float x, float y, float r) { canvas_.fill_circle(at(x, y), r * size_, color_); }
  void ring(float x, float y, float r) { canvas_.stroke_circle(at(x, y), r * size_, {color_, width_}); }
  // Angles in turns, clockwise from the top.
  void arc(float x, float y, float r, float from, float to) {
    std::vector<Point> points;
    for (int i = 0; i <= 24; ++i) {
      const float turn = (from + (to - from) * float(i) / 24) * 2 * float(M_PI);
      points.push_back(at(x + r * std::sin(turn), y - r * std::cos(turn)));
    }
    canvas_.polyline(points, {color_, width_});
  }
  // The upper or lower lid of an eye.
  void lid(float bend) {
    std::vector<Point> points;
    for (int i = 0; i <= 16; ++i) {
      const float t = float(i) / 16;
      points.push_back(at(0.06f + 0.88f * t, 0.5f + bend * std::sin(float(M_PI) * t)));
    }
    canvas_.polyline(points, {color_, width_});
  }

private:
  Canvas& canvas_;
  Color color_;
  float size_, width_;
  Point origin_;
};

} // namespace

void draw_icon(Canvas& canvas, Icon icon, const Rect& where, Color color) {
  Pen pen(canvas, where, color);
  switch (icon) {
  case Icon::Play:
    pen.fill({{0.22f, 0.1f}, {0.9f, 0.5f}, {0.22f, 0.9f}});
    break;
  case Icon::Pause:
    pen.bar(0.18f, 0.12f, 0.22f, 0.76f);
    pen.bar(0.6f, 0.12f, 0.22f, 0.76f);
    break;
  case Icon::Step:
    pen.fill({{0.14f, 0.12f}, {0.68f, 0.5f}, {0.14f, 0.88f}});
    pen.bar(0.72f, 0.12f, 0.15f, 0.76f);
    break;
  case Icon::EventBefore:
    pen.fill({{0.94f, 0.12f}, {0.46f, 0.5f}, {0.94f, 0.88f}});
    pen.fill({{0.22f, 0.26f}, {0.42f, 0.5f}, {0.22f, 0.74f}, {0.02f, 0.5f}});
    break;
  case Icon::EventAfter:
    pen.fill({{0.06f, 0.12f}, {0.54f, 0.5f}, {0.06f, 0.88f}});
    pen.fill({{0.78f, 0.26f}, {0.98f, 0.5f}, {0.78f, 0.74f}, {0.58f, 0.5f}});
    break;
  case Icon::Stop:
    pen.bar(0.16f, 0.16f, 0.68f, 0.68f, 0.1f);
    break;
  case Icon::Restart:
    pen.arc(0.5f, 0.53f, 0.36f, 0.06f, 0.86f);
    pen.fill({{0.5f, 0.0f}, {0.5f, 0.36f}, {0.28f, 0.17f}});
    break;
  case Icon::Live:
    pen.disk(0.5f, 0.5f, 0.17f);
    pen.arc(0.5f, 0.5f, 0.38f, 0.1f, 0.4f);
    pen.arc(0.5f, 0.5f, 0.38f, 0.6f, 0.9f);
    break;
  case Icon::Branch:
    pen.disk(0.28f, 0.16f, 0.13f);
    pen.disk(0.28f, 0.84f, 0.13f);
    pen.disk(0.76f, 0.3f, 0.13f);
    pen.stroke({{0.28f, 0.16f}, {0.28f, 0.84f}});
    pen.stroke({{0.76f, 0.3f}, {0.74f, 0.46f}, {0.62f, 0.56f}, {0.4f, 0.6f}, {0.3f, 0.72f}});
    break;
  case Icon::Pin:
    pen.disk(0.5f, 0.32f, 0.24f);
    pen.stroke({{0.5f, 0.5f}, {0.5f, 0.95f}});
    break;
  case Icon::Eye:
  case Icon::EyeOff:
    pen.lid(-0.32f);
    pen.lid(0.32f);
    pen.disk(0.5f, 0.5f, 0.14f);
    if (icon == Icon::EyeOff) pen.stroke({{0.14f, 0.88f}, {0.86f, 0.12f}});
    break;
  case Icon::Close:
    pen.stroke({{0.2f, 0.2f}, {0.8f, 0.8f}});
    pen.stroke({{0.8f, 0.2f}, {0.2f, 0.8f}});
    break;
  case Icon::Check:
    pen.stroke({{0.12f, 0.54f}, {0.4f, 0.82f}, {0.9f, 0.2f}});
    break;
  case Icon::Minus:
    pen.ring(0.5f, 0.5f, 0.4f);
    pen.stroke({{0.28f, 0.5f}, {0.72f, 0.5f}});
    break;
  case Icon::Circle:
    for (int i = 0; i < 6; ++i) pen.arc(0.5f, 0.5f, 0.38f, float(i) / 6, (float(i) + 0.55f) / 6);
    break;
  case Icon::Number:
    for (const float at : {0.34f, 0.66f}) {
      pen.stroke({{0.12f, at}, {0.88f, at}});
      pen.stroke({{at + 0.06f, 0.1f}, {at - 0.06f, 0.9f}});
    }
    break;
  case Icon::Folder:
    pen.stroke({{0.08f, 0.82f},
                {0.08f, 0.2f},
                {0.38f, 0.2f},
                {0.48f, 0.32f},
                {0.92f, 0.32f},
                {0.92f, 0.82f},
                {0.08f, 0.82f}});
    break;
  case Icon::Image:
    pen.box(0.08f, 0.16f, 0.84f, 0.68f);
    pen.stroke({{0.14f, 0.76f}, {0.4f, 0.46f}, {0.56f, 0.64f}, {0.68f, 0.52f}, {0.86f, 0.74f}});
    pen.disk(0.68f, 0.33f, 0.07f);
    break;
  case Icon::Gear:
    pen.ring(0.5f, 0.5f, 0.25f);
    for (int i = 0; i < 8; ++i) {
      const float turn = float(i) / 8 * 2 * float(M_PI);
      pen.stroke({{0.5f + 0.29f * std::sin(turn), 0.5f - 0.29f * std::cos(turn)},
                  {0.5f + 0.44f * std::sin(turn), 0.5f - 0.44f * std::cos(turn)}});
    }
    break;
  }
}

} // namespace plateau::widgets
