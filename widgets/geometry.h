// Points, rectangles and colours as plain numbers. y grows downwards.
#pragma once

#include <algorithm>
#include <cstdint>

namespace plateau::widgets {

struct Point {
  float x = 0, y = 0;
  bool operator==(const Point&) const = default;
};

struct Size {
  float width = 0, height = 0;
};

struct Rect {
  float x = 0, y = 0, width = 0, height = 0;
  float right() const { return x + width; }
  float bottom() const { return y + height; }
  Point center() const { return {x + width / 2, y + height / 2}; }
  bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
  bool overlaps(const Rect& o) const {
    return x < o.right() && o.x < right() && y < o.bottom() && o.y < bottom();
  }
  Rect inset(float by) const {
    return {x + by, y + by, std::max(0.f, width - 2 * by), std::max(0.f, height - 2 * by)};
  }
  bool operator==(const Rect&) const = default;
};

/// Closed interval of data values.
struct Range {
  double low = 0, high = 1;
  double length() const { return high - low; }
  bool contains(double v) const { return v >= low && v <= high; }
  bool operator==(const Range&) const = default;
};

/// sRGB with straight alpha, each 0..1.
struct Color {
  float r = 0, g = 0, b = 0, a = 1;
  Color with_alpha(float alpha) const { return {r, g, b, alpha}; }
  bool operator==(const Color&) const = default;
};

/// rgb(0x1f77b4)
constexpr Color rgb(std::uint32_t hex) {
  return {float(hex >> 16 & 255) / 255.f, float(hex >> 8 & 255) / 255.f, float(hex & 255) / 255.f, 1.f};
}

constexpr Color mix(Color from, Color to, float t) {
  return {from.r + (to.r - from.r) * t, from.g + (to.g - from.g) * t, from.b + (to.b - from.b) * t,
          from.a + (to.a - from.a) * t};
}

} // namespace plateau::widgets
