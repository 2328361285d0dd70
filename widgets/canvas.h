// What plots are drawn on. Two families: ImGuiCanvas (screen) and FileCanvas (PDF, SVG, PNG).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "widgets/geometry.h"
#include "widgets/image.h"

namespace plateau::widgets {

enum class Dash { Solid, Dashed, Dotted, DashDot };

/// Lengths of strokes and gaps, in turn, for a line of this width; empty for a solid one.
std::span<const float> dash_pattern(Dash dash, float width, std::span<float, 4> lengths);

struct Stroke {
  Color color;
  float width = 1;
  Dash dash = Dash::Solid;
};

enum class FontFace { Regular, Semibold, Mono };
enum class Horizontal { Left, Center, Right };
enum class Vertical { Top, Middle, Baseline, Bottom };

struct TextStyle {
  float size = 12; // em size in canvas units
  Color color;
  FontFace face = FontFace::Regular;
  Horizontal horizontal = Horizontal::Left;
  Vertical vertical = Vertical::Baseline;
  bool upwards = false; // turned by 90 degrees, reading from bottom to top; alignment turns with it
};

enum class Interpolation { Nearest, Linear };

/// A number behind what is drawn: a point of a curve, or a cell of a map with its value z.
struct Sample {
  double x = 0, y = 0, z = 0;
};

/// Units are the back end's own: pixels on the screen, points (1/72 inch) in files.
class Canvas {
public:
  virtual ~Canvas() = default;

  virtual void polyline(std::span<const Point> points, const Stroke& stroke) = 0;
  void line(Point from, Point to, const Stroke& stroke);

  /// A convex polygon.
  virtual void polygon(std::span<const Point> points, Color fill) = 0;
  /// The area between two lines with the same x positions, in order of x.
  virtual void band(std::span<const Point> upper, std::span<const Point> lower, Color fill) = 0;

  virtual void fill_rect(const Rect& rect, Color fill, float rounding = 0) = 0;
  virtual void stroke_rect(const Rect& rect, const Stroke& stroke, float rounding = 0) = 0;
  virtual void fill_circle(Point center, float radius, Color fill) = 0;
  virtual void stroke_circle(Point center, float radius, const Stroke& stroke) = 0;

  /// One line of UTF-8.
  virtual void text(Point at, std::string_view utf8, const TextStyle& style) = 0;
  /// Advance width, and ascent + descent of the face.
  virtual Size measure(std::string_view utf8, float size, FontFace face = FontFace::Regular) = 0;

  virtual void image(const Rect& where, const Image& image, Interpolation interpolation) = 0;

  /// Clips to the intersection with what is clipped already.
  virtual void push_clip(const Rect& rect) = 0;
  virtual void pop_clip() = 0;

  /// Finest detail worth drawing, in canvas units: a pixel on the screen, a fraction of a point in a file.
  virtual float resolution() const = 0;

  /// Back ends that keep the numbers behind a figure (tables) are told them beside the drawing: of `plot`
  /// (its title) the points of `series`; z is not a number where there are but two.
  virtual bool keeps_values() const { return false; }
  virtual void keep(std::string_view /*plot*/, std::string_view /*series*/, std::span<const Sample>) {}
};

/// Shortened with "…" until it fits `width`.
std::string fit_text(Canvas& canvas, std::string_view utf8, float width, float size,
                     FontFace face = FontFace::Regular);

/// Clips for as long as it lives.
class ClipScope {
public:
  ClipScope(Canvas& canvas, const Rect& rect) : canvas_(canvas) { canvas_.push_clip(rect); }
  ~ClipScope() { canvas_.pop_clip(); }
  ClipScope(const ClipScope&) = delete;
  ClipScope& operator=(const ClipScope&) = delete;

private:
  Canvas& canvas_;
};

} // namespace plateau::widgets
