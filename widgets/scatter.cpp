#include "widgets/scatter.h"

#include <algorithm>
#include <cmath>

#include "widgets/drawn_values.h"

namespace plateau::widgets {
namespace {

Range fitted(const Scatter& scatter, const AxisOptions& axis, double CurvePoint::*coordinate) {
  if (axis.range) return *axis.range;
  Range range{INFINITY, -INFINITY};
  for (const auto* points : {&scatter.points, &scatter.line})
    for (const CurvePoint& point : *points) {
      if (!is_shown(scatter, point)) continue;
      range.low = std::min(range.low, point.*coordinate);
      range.high = std::max(range.high, point.*coordinate);
    }
  if (range.low > range.high) return axis.kind == ScaleKind::Log ? Range{0.1, 10} : Range{0, 1};
  return nice_range(range, axis.kind);
}

bool anything_shown(const Scatter& scatter) {
  return std::ranges::any_of(scatter.points, [&](CurvePoint p) { return is_shown(scatter, p); });
}

// Axes and titles are those of a line plot without curves.
LinePlot frame_of(const Scatter& scatter) {
  LinePlot plot;
  plot.x = scatter.x;
  plot.y = scatter.y;
  plot.x.range = fitted(scatter, scatter.x, &CurvePoint::x);
  plot.y.range = fitted(scatter, scatter.y, &CurvePoint::y);
  plot.legend = LegendPlace::None;
  plot.empty_text = anything_shown(scatter) ? "" : scatter.empty_text;
  return plot;
}

Point place(const PlotLayout& plot, CurvePoint point) {
  return {plot.x.position(point.x), plot.y.position(point.y)};
}

void draw_points(Canvas& canvas, const Scatter& scatter, const ScatterLayout& layout,
                 const PlotStyle& style) {
  const double length = layout.shades.length();
  // About as many as fit around the axes.
  const Rect& area = layout.plot.area;
  const bool room = scatter.draw_labels &&
                    float(scatter.labels.size()) * style.label * 1.5f < 2 * (area.width + area.height);
  for (std::size_t i = 0; i < scatter.points.size(); ++i) {
    if (!is_shown(scatter, scatter.points[i])) continue;
    Color color = scatter.color;
    if (i < scatter.shades.size()) {
      const double t = length > 0 ? (scatter.shades[i] - layout.shades.low) / length : 1;
      color = bar_color(scatter.bar, t);
    }
    const Point at = place(layout.plot, scatter.points[i]);
    canvas.fill_circle(at, style.marker, color.with_alpha(0.85f));
    if (room && i < scatter.labels.size())
      canvas.text({at.x + style.marker * 1.4f, at.y - style.marker * 0.8f}, scatter.labels[i],
                  {.size = style.label * 0.85f, .color = style.theme.dim_text});
  }
}

// The axes with the smaller unit are cut down until both have the same.
PlotLayout layout_axes(const Scatter& scatter, Canvas& canvas, Rect axes, const PlotStyle& style) {
  const LinePlot frame = frame_of(scatter);
  PlotLayout result = layout(frame, canvas, axes, style);
  if (!scatter.same_scale) return result;
  for (int round = 0; round < 2; ++round) { // the width of the labels follows the height
    const double wanted = frame.x.range->length() / frame.y.range->length();
    const Rect& area = result.area;
    const float surplus = area.width - area.height * float(wanted);
    if (surplus > 0) {
      axes.x += surplus / 2;
      axes.width = std::max(1.f, axes.width - surplus);
    } else {
      const float lost = area.height - area.width / float(wanted);
      axes.y += lost / 2;
      axes.height = std::max(1.f, axes.height - lost);
    }
    result = layout(frame, canvas, axes, style);
  }
  return result;
}

} // namespace

bool is_shown(const Scatter& scatter, CurvePoint point) {
  const auto has_place = [](double value, const AxisOptions& axis) {
    return std::isfinite(value) && (axis.kind != ScaleKind::Log || value > 0);
  };
  return has_place(point.x, scatter.x) && has_place(point.y, scatter.y);
}

ScatterLayout layout(const Scatter& scatter, Canvas& canvas, const Rect& outer, const PlotStyle& style) {
  ScatterLayout result;
  Rect axes = outer;
  const auto cut = [&](float height) {
    axes.y += height;
    axes.height = std::max(1.f, axes.height - height);
  };
  result.text_width = outer.width - 2 * style.gap;
  if (!scatter.title.empty()) {
    result.title = {outer.x + style.gap, axes.y + style.gap + style.heading * 0.95f};
    cut(style.heading * 1.55f);
  }
  if (scatter.note_beside_title && !scatter.title.empty()) {
    const float width =
        canvas.measure(scatter.title, style.heading, FontFace::Semibold).width + 2 * style.gap;
    result.note = {result.title.x + width, result.title.y};
    result.note_width = std::max(0.f, result.text_width - width);
  } else if (!scatter.note.empty()) {
    result.note = {outer.x + style.gap, axes.y + style.gap + style.label};
    result.note_width = result.text_width;
    cut(style.label * 1.5f);
  }
  if (!scatter.shades.empty()) {
    const auto [low, high] = std::ranges::minmax(scatter.shades);
    result.shades = {low, high};
    ColorBar bar = scatter.bar;
    bar.range = {low, high > low ? high : low + 1};
    const float width = color_bar_width(canvas, bar, style) + style.gap;
    axes.width = std::max(1.f, axes.width - width);
    result.plot = layout_axes(scatter, canvas, axes, style);
    const Rect& area = result.plot.area;
    result.bar = Rect{result.plot.outer.right(), area.y, width - style.gap, area.height};
    return result;
  }
  result.plot = layout_axes(scatter, canvas, axes, style);
  return result;
}

void draw(Canvas& canvas, const Scatter& scatter, const ScatterLayout& layout, const PlotStyle& style) {
  const LinePlot frame = frame_of(scatter);
  keep_values(canvas, scatter);
  draw_ground(canvas, layout.plot, style);
  canvas.text(layout.title,
              fit_text(canvas, scatter.title, layout.text_width, style.heading, FontFace::Semibold),
              {.size = style.heading, .color = style.theme.text, .face = FontFace::Semibold});
  canvas.text(layout.note, fit_text(canvas, scatter.note, layout.note_width, style.label),
              {.size = style.label, .color = style.theme.dim_text});
  {
    const ClipScope clip(canvas, layout.plot.area.inset(-style.marker));
    std::vector<Point> line;
    for (const CurvePoint& point : scatter.line)
      if (is_shown(scatter, point)) line.push_back(place(layout.plot, point));
    if (line.size() > 1)
      canvas.polyline(line,
                      {style.theme.dim_text.with_alpha(0.8f), style.hairline * 1.25f, scatter.line_dash});
    draw_points(canvas, scatter, layout, style);
  }
  draw_frame(canvas, frame, layout.plot, style);
  if (!layout.bar) return;
  ColorBar bar = scatter.bar;
  bar.range = {layout.shades.low, std::max(layout.shades.high, layout.shades.low + 1)};
  draw(canvas, bar, *layout.bar, style);
}

void draw(Canvas& canvas, const Scatter& scatter, const Rect& outer, const PlotStyle& style) {
  draw(canvas, scatter, layout(scatter, canvas, outer, style), style);
}

std::optional<std::size_t> point_at(const Scatter& scatter, const ScatterLayout& layout, Point at,
                                    float within) {
  std::optional<std::size_t> nearest;
  float least = within * within;
  for (std::size_t i = 0; i < scatter.points.size(); ++i) {
    if (!is_shown(scatter, scatter.points[i])) continue;
    const Point p = place(layout.plot, scatter.points[i]);
    const float distance = (p.x - at.x) * (p.x - at.x) + (p.y - at.y) * (p.y - at.y);
    if (distance <= least) nearest = i, least = distance; // of two, the one on top
  }
  return nearest;
}

} // namespace plateau::widgets
