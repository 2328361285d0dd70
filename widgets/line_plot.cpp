// Drawing of a laid out line plot.
#include "widgets/line_plot.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/drawn_values.h"

namespace plateau::widgets {
namespace {

// Lines one pixel wide look even only between pixels; files need no help.
float crisp(float at, const Canvas& canvas) {
  return canvas.resolution() >= 1 ? std::floor(at) + 0.5f : at;
}

void draw_grid(Canvas& canvas, const PlotLayout& layout, const PlotStyle& style) {
  const Stroke grid{style.theme.grid, style.hairline};
  for (const Tick& tick : layout.y_ticks) {
    if (tick.label.empty()) continue;
    const float y = crisp(layout.y.position(tick.value), canvas);
    canvas.line({layout.area.x, y}, {layout.area.right(), y}, grid);
  }
}

void draw_axes(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style) {
  const Rect& area = layout.area;
  const Stroke axis{style.theme.axis, style.hairline};
  const float base = crisp(area.bottom(), canvas);
  canvas.line({area.x, base}, {area.right(), base}, axis);
  const TextStyle below{.size = style.label,
                        .color = style.theme.dim_text,
                        .horizontal = Horizontal::Center,
                        .vertical = Vertical::Top};
  for (const Tick& tick : layout.x_ticks) {
    const float x = crisp(layout.x.position(tick.value), canvas);
    canvas.line({x, base}, {x, base + (tick.label.empty() ? style.tick * 0.5f : style.tick)}, axis);
    canvas.text({x, base + style.tick + style.label * 0.2f}, tick.label, below);
  }
  const TextStyle beside{.size = style.label,
                         .color = style.theme.dim_text,
                         .horizontal = Horizontal::Right,
                         .vertical = Vertical::Middle};
  for (const Tick& tick : layout.y_ticks) {
    const float y = layout.y.position(tick.value);
    if (tick.label.empty())
      canvas.line({area.x - style.tick * 0.6f, y}, {area.x, y}, {style.theme.grid, style.hairline});
    else
      canvas.text({area.x - style.gap, y}, tick.label, beside);
  }
  if (layout.has_x_title)
    canvas.text(layout.x_title, plot.x.title,
                {.size = style.title, .color = style.theme.text, .horizontal = Horizontal::Center});
  canvas.text(
      layout.y_title, plot.y.title,
      {.size = style.title, .color = style.theme.text, .horizontal = Horizontal::Center, .upwards = true});
  const float title_width = layout.outer.right() - style.gap - layout.title.x;
  canvas.text(layout.title, fit_text(canvas, plot.title, title_width, style.heading, FontFace::Semibold),
              {.size = style.heading, .color = style.theme.text, .face = FontFace::Semibold});
}

bool crossed_by_mark(const LinePlot& plot, const PlotLayout& layout, float x, float width) {
  return std::ranges::any_of(plot.marks, [&](const VerticalMark& mark) {
    const float at = layout.x.position(mark.x);
    return at > x - 2 && at < x + width + 2;
  });
}

// Returns where their labels stand.
std::vector<Rect> draw_spans(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout,
                             const PlotStyle& style) {
  std::vector<Rect> labels;
  for (const Span& span : plot.spans) {
    if (span.lane >= 0) continue;
    const Rect shade = span_area(span, layout, style);
    if (!(shade.width > 0)) continue;
    const float low = shade.x, high = shade.right();
    canvas.fill_rect(shade, span.color);
    const float width = canvas.measure(span.label, style.label).width;
    if (span.label.empty() || width + 2 * style.gap > high - low) continue;
    // In the middle, unless a mark's line would cross it there.
    const float left = low + style.gap, right = high - style.gap - width;
    for (const float x : {(left + right) / 2, left, right}) {
      if (x != right && crossed_by_mark(plot, layout, x, width)) continue;
      canvas.text({x, layout.area.y + style.label * 1.1f}, span.label,
                  {.size = style.label, .color = style.theme.dim_text});
      labels.push_back({x, layout.area.y, width, style.label * 1.4f});
      break;
    }
  }
  return labels;
}

void draw_lanes(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style) {
  float first = layout.area.right(), last = layout.area.x;
  std::string label;
  for (const Span& span : plot.spans) {
    if (span.lane < 0) continue;
    const Rect bar = span_area(span, layout, style);
    if (!(bar.width > 0)) continue;
    canvas.fill_rect(bar, span.color, bar.height / 2);
    first = std::min(first, bar.x), last = std::max(last, bar.right());
    if (label.empty()) label = span.label;
  }
  if (label.empty()) return;
  // Behind the bars or before them, where no mark's line crosses it; otherwise not at all.
  const float width = canvas.measure(label, style.label).width;
  for (const float x : {last + style.gap, first - style.gap - width}) {
    if (x < layout.area.x || x + width > layout.area.right() || crossed_by_mark(plot, layout, x, width))
      continue;
    canvas.text({x, layout.area.y + style.label * 0.85f}, label,
                {.size = style.label, .color = style.theme.dim_text});
    break;
  }
}

void draw_guides(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style,
                 const Hidden& hidden) {
  for (const HorizontalGuide& guide : plot.guides) {
    if (!layout.y.range().contains(guide.y) || hidden.contains(guide.kind)) continue;
    const float y = crisp(layout.y.position(guide.y), canvas);
    canvas.line({layout.area.x, y}, {layout.area.right(), y},
                {style.theme.dim_text.with_alpha(0.75f), style.hairline, guide.dash});
  }
}

// How many of the curves' points a label would cover.
int covered_points(const Rect& label, const std::vector<const std::vector<Point>*>& curves) {
  int covered = 0;
  for (const auto* points : curves)
    for (const Point p : *points) covered += label.contains(p);
  return covered;
}

// Each label stands on its line, at the place where it hides the least of the curves; right end preferred.
void draw_guide_labels(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style,
                       const Hidden& hidden, const std::vector<const std::vector<Point>*>& curves,
                       std::vector<Rect> taken) {
  for (const HorizontalGuide& guide : plot.guides) {
    if (!layout.y.range().contains(guide.y) || guide.label.empty() || hidden.contains(guide.kind)) continue;
    const float y = layout.y.position(guide.y), pad = style.label * 0.3f;
    const Size size{canvas.measure(guide.label, style.label).width + 2 * pad, style.label * 1.25f};
    if (size.width > layout.area.width) continue;
    Rect best;
    int least = -1;
    for (const float along : {1.f, 0.f, 0.5f})
      for (const bool above : {true, false}) {
        const Rect place{layout.area.x + along * (layout.area.width - size.width),
                         above ? y - size.height - style.hairline : y + style.hairline, size.width,
                         size.height};
        if (place.y < layout.area.y || place.bottom() > layout.area.bottom()) continue;
        int clutter = covered_points(place, curves);
        for (const Rect& other : taken) clutter += other.overlaps(place) ? 10000 : 0;
        if (least < 0 || clutter < least) best = place, least = clutter;
      }
    if (least < 0) continue;
    taken.push_back(best);
    canvas.fill_rect(best, style.theme.panel.with_alpha(0.7f), pad);
    canvas.text({best.x + pad, best.y + style.label * 0.97f}, guide.label,
                {.size = style.label, .color = style.theme.dim_text});
  }
}

void draw_bands(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const Hidden& hidden) {
  std::vector<Point> upper, lower;
  for (const Band& band : plot.bands) {
    if (hidden.contains(band.group)) continue;
    upper.clear(), lower.clear();
    for (std::size_t i = 0; i < band.x.size(); ++i) {
      const float x = layout.x.position(band.x[i]);
      upper.push_back({x, layout.y.position(band.high[i])});
      lower.push_back({x, layout.y.position(band.low[i])});
    }
    canvas.band(upper, lower, band.color);
  }
}

void draw_markers(Canvas& canvas, const std::vector<Point>& points, const Curve& curve,
                  const PlotLayout& layout, const PlotStyle& style) {
  if (curve.rings)
    for (const Point p : points)
      if (std::isfinite(p.x)) {
        canvas.fill_circle(p, style.marker * 1.2f, style.theme.panel);
        canvas.stroke_circle(p, style.marker * 1.2f, {curve.color, style.line * 0.7f});
      }
  if (curve.rings) return;
  const bool single = points.size() == 1;
  if (!single && (!curve.markers || float(points.size()) * style.marker * 5 > layout.area.width)) return;
  for (const Point p : points)
    if (std::isfinite(p.x)) canvas.fill_circle(p, style.marker, curve.color);
}

// Returns the lines that stand in front.
std::vector<const std::vector<Point>*> draw_curves(Canvas& canvas, const LinePlot& plot,
                                                   const PlotLayout& layout, const PlotStyle& style,
                                                   const Hidden& hidden, CurveCache& cache) {
  std::vector<const std::vector<Point>*> in_front;
  const float resolution = std::max(canvas.resolution(), 0.25f);
  // The noise of many curves together must not bury their means.
  const auto smoothed = std::ranges::count_if(
      plot.curves, [&](const Curve& curve) { return curve.smoothing > 0 && !is_hidden(curve, hidden); });
  const float raw_alpha =
      0.22f * std::min(1.f, std::sqrt(3.f / float(std::max<std::ptrdiff_t>(1, smoothed))));
  for (const bool behind : {true, false})
    for (std::size_t i = 0; i < plot.curves.size(); ++i) {
      const Curve& curve = plot.curves[i];
      if (is_hidden(curve, hidden)) continue;
      const DrawnCurve& drawn = cache.drawn(i, curve, layout, resolution);
      const float width = style.line * curve.width;
      const bool smooth = !drawn.smooth.empty();
      if (behind && smooth)
        canvas.polyline(drawn.raw, {curve.color.with_alpha(curve.color.a * raw_alpha), width * 0.55f});
      if (!behind) {
        const auto& points = smooth ? drawn.smooth : drawn.raw;
        if (!curve.rings) canvas.polyline(points, {curve.color, width, curve.dash});
        draw_markers(canvas, points, curve, layout, style);
        in_front.push_back(&points);
      }
    }
  return in_front;
}

void draw_marks(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style) {
  for (const VerticalMark& mark : plot.marks) {
    if (!layout.x.range().contains(mark.x)) continue;
    const float x = crisp(layout.x.position(mark.x), canvas);
    const float strength = mark.remark ? 0.55f : 1;
    canvas.line({x, layout.area.y}, {x, layout.area.bottom()},
                {mark.color.with_alpha(mark.color.a * strength), style.hairline, mark.dash});
    if (!mark.remark) continue;
    const float flag = style.label * 0.5f;
    const Point cloth[] = {
        {x, layout.area.y}, {x + flag, layout.area.y + flag * 0.5f}, {x, layout.area.y + flag}};
    canvas.polygon(cloth, mark.color);
  }
  for (const auto& label : layout.mark_labels) {
    const VerticalMark& mark = plot.marks[label.mark];
    canvas.text({label.area.x, label.area.y + style.label}, mark.label,
                {.size = style.label, .color = mark.color});
  }
}

void draw_playhead(Canvas& canvas, double at, const PlotLayout& layout, const PlotStyle& style) {
  if (!layout.x.range().contains(at)) return;
  const float x = crisp(layout.x.position(at), canvas), top = layout.area.y, size = style.label * 0.42f;
  canvas.line({x, top}, {x, layout.area.bottom()}, {style.theme.accent, style.hairline * 1.25f});
  const Point handle[] = {{x - size, top - size * 0.4f}, {x + size, top - size * 0.4f}, {x, top + size}};
  canvas.polygon(handle, style.theme.accent);
}

// The legend stands inside the axes, so it needs a ground of its own.
void draw_legend_plate(Canvas& canvas, const PlotLayout& layout, const PlotStyle& style) {
  Rect all = layout.legend.front().area;
  for (const auto& entry : layout.legend) {
    const float right = std::max(all.right(), entry.area.right());
    const float bottom = std::max(all.bottom(), entry.area.bottom());
    all.width = right - all.x, all.height = bottom - all.y;
  }
  canvas.fill_rect(all.inset(-style.gap * 0.6f), style.theme.panel.with_alpha(0.85f), style.gap * 0.6f);
}

} // namespace

Rect span_area(const Span& span, const PlotLayout& layout, const PlotStyle& style) {
  const Rect& area = layout.area;
  const float low = std::max(area.x, layout.x.position(span.x.low));
  const float high = std::min(area.right(), layout.x.position(span.x.high));
  if (!(high > low)) return {};
  if (span.lane < 0) return {low, area.y, high - low, area.height};
  const float height = std::max(2 * style.hairline, style.label * 0.22f), step = height * 1.6f;
  const float y = area.y + step * (float(span.lane) + 0.5f);
  if (y + height > area.center().y) return {};
  return {low, y, high - low, height};
}

void draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, const PlotStyle& style) {
  for (const auto& entry : entries) {
    const float fade = entry.hidden ? 0.35f : 1;
    const float y = entry.area.center().y, swatch = style.label * 1.5f;
    const Color color = entry.is_kind ? style.theme.dim_text : entry.color;
    if (entry.ring)
      canvas.stroke_circle({entry.area.x + swatch / 2, y}, style.marker * 1.2f,
                           {color.with_alpha(fade), style.line * 0.7f});
    else
      canvas.line({entry.area.x, y}, {entry.area.x + swatch, y},
                  {color.with_alpha(fade), style.line * (entry.is_kind ? 0.8f : 1.3f), entry.dash});
    canvas.text({entry.area.x + swatch + style.gap * 0.7f, y}, entry.label,
                {.size = style.label,
                 .color = style.theme.text.with_alpha(fade * (entry.is_kind ? 0.8f : 1)),
                 .vertical = Vertical::Middle});
  }
}

void draw_ground(Canvas& canvas, const PlotLayout& layout, const PlotStyle& style) {
  if (!style.transparent) canvas.fill_rect(layout.outer, style.theme.panel);
  draw_grid(canvas, layout, style);
}

void draw_frame(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style) {
  draw_axes(canvas, plot, layout, style);
  draw_marks(canvas, plot, layout, style);
  if (plot.playhead) draw_playhead(canvas, *plot.playhead, layout, style);
  if (plot.legend == LegendPlace::Inside && !layout.legend.empty()) draw_legend_plate(canvas, layout, style);
  draw_legend(canvas, layout.legend, style);
  if (layout.empty)
    canvas.text(layout.area.center(), plot.empty_text,
                {.size = style.title,
                 .color = style.theme.dim_text,
                 .horizontal = Horizontal::Center,
                 .vertical = Vertical::Middle});
}

void draw(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style,
          const Hidden& hidden, CurveCache* cache) {
  CurveCache own;
  keep_values(canvas, plot, layout.x.range(), hidden);
  draw_ground(canvas, layout, style);
  {
    // Half a line's width more: a curve along the edge is not cut in two.
    const ClipScope clip(canvas, layout.area.inset(-style.line));
    auto span_labels = draw_spans(canvas, plot, layout, style);
    draw_guides(canvas, plot, layout, style, hidden);
    draw_bands(canvas, plot, layout, hidden);
    const auto lines = draw_curves(canvas, plot, layout, style, hidden, cache ? *cache : own);
    draw_lanes(canvas, plot, layout, style);
    draw_guide_labels(canvas, plot, layout, style, hidden, lines, std::move(span_labels));
  }
  draw_frame(canvas, plot, layout, style);
}

void draw(Canvas& canvas, const LinePlot& plot, const Rect& outer, const PlotStyle& style) {
  draw(canvas, plot, layout(plot, canvas, outer, style), style);
}

} // namespace plateau::widgets
