#include "widgets/histogram.h"

#include <algorithm>
#include <cmath>

#include "widgets/drawn_values.h"

namespace plateau::widgets {
namespace {

// Axes and titles are those of a line plot without curves.
LinePlot frame_of(const Histogram& histogram) {
  double top = 0, bottom = 0; // weights that are no shares may be below 0
  for (const double share : histogram.shares) {
    top = std::max(top, share);
    bottom = std::min(bottom, share);
  }
  for (const CurvePoint& point : histogram.line) top = std::max(top, point.y);
  LinePlot plot;
  plot.title = histogram.title;
  plot.x = {.title = histogram.x_title, .numbers = histogram.x_numbers, .range = histogram.range};
  const double room = histogram.labels.empty() ? 1.06 : 1.2; // labels stand above the bars
  const Range fitted{bottom * 1.06, histogram.top.value_or(top > 0 ? top * room : (bottom < 0 ? 0 : 1))};
  plot.y = {.title = histogram.y_title,
            .numbers = histogram.y_numbers,
            .range = histogram.y_range.value_or(fitted)};
  plot.legend = LegendPlace::None;
  plot.empty_text = histogram.shares.empty() ? "No data yet" : "";
  return plot;
}

LinePlot frame_of(const HistogramHistory& history) {
  LinePlot plot;
  plot.title = history.title;
  plot.x = history.x;
  if (!plot.x.range && !history.steps.empty())
    plot.x.range = Range{history.steps.front(), std::max(history.steps.back(), history.steps.front() + 1)};
  plot.y = history.y;
  if (!plot.y.range) plot.y.range = history.range;
  plot.marks = history.marks;
  plot.legend = LegendPlace::None;
  plot.playhead = history.playhead;
  plot.empty_text = history.image ? "" : "No data yet";
  return plot;
}

} // namespace

namespace {

void draw_labels(Canvas& canvas, const Histogram& histogram, const PlotLayout& frame,
                 const PlotStyle& style) {
  const double bin = histogram.range.length() / double(std::max<std::size_t>(1, histogram.shares.size()));
  std::vector<Rect> taken;
  for (const auto& label : histogram.labels) {
    if (label.bar >= histogram.shares.size() || !std::isfinite(histogram.shares[label.bar])) continue;
    const float width = canvas.measure(label.text, style.label).width, pad = style.label * 0.25f;
    const float x =
        std::clamp(frame.x.position(histogram.range.low + bin * (double(label.bar) + 0.5)) - width / 2,
                   frame.area.x, std::max(frame.area.x, frame.area.right() - width));
    const float bottom = frame.y.position(histogram.shares[label.bar]) - style.gap * 0.4f;
    const Rect place{x - pad, bottom - style.label, width + 2 * pad, style.label};
    if (std::ranges::any_of(taken, [&](const Rect& other) { return other.overlaps(place); })) continue;
    taken.push_back(place);
    canvas.text({x, bottom - style.label * 0.15f}, label.text,
                {.size = style.label, .color = style.theme.text});
  }
}

} // namespace

PlotLayout layout(const Histogram& histogram, Canvas& canvas, const Rect& outer, const PlotStyle& style) {
  return layout(frame_of(histogram), canvas, outer, style);
}

void draw(Canvas& canvas, const Histogram& histogram, const Rect& outer, const PlotStyle& style) {
  const LinePlot plot = frame_of(histogram);
  const PlotLayout frame = layout(plot, canvas, outer, style);
  draw(canvas, plot, frame, style);
  keep_values(canvas, histogram);
  const double bin = histogram.range.length() / double(std::max<std::size_t>(1, histogram.shares.size()));
  for (std::size_t i = 0; i < histogram.shares.size(); ++i) {
    if (histogram.shares[i] == 0 || std::isnan(histogram.shares[i])) continue;
    const float left = frame.x.position(histogram.range.low + bin * double(i));
    const float right = frame.x.position(histogram.range.low + bin * double(i + 1));
    const float value = frame.y.position(histogram.shares[i]), zero = frame.y.position(0);
    const float top = std::max(frame.area.y, std::min(value, zero));
    const float bottom = std::min(frame.area.bottom(), std::max(value, zero));
    const float gap = std::min(style.hairline, (right - left) * 0.15f);
    canvas.fill_rect({left + gap / 2, top, right - left - gap, bottom - top},
                     i < histogram.colors.size() ? histogram.colors[i] : histogram.color);
  }
  draw_labels(canvas, histogram, frame, style);
  std::vector<Point> line;
  for (const CurvePoint& point : histogram.line)
    line.push_back({frame.x.position(point.x), frame.y.position(point.y)});
  const ClipScope clip(canvas, frame.area.inset(-style.line));
  canvas.polyline(line, {histogram.line_color, style.line});
}

std::optional<std::size_t> bar_at(const Histogram& histogram, const PlotLayout& layout, Point point) {
  if (histogram.shares.empty() || !layout.area.contains(point)) return std::nullopt;
  const double along = (layout.x.value(point.x) - histogram.range.low) / histogram.range.length();
  const auto bar = std::floor(along * double(histogram.shares.size()));
  if (!(bar >= 0) || bar >= double(histogram.shares.size())) return std::nullopt;
  return std::size_t(bar);
}

namespace {

// A few bins hold most of the mass at first; the brightest colour is for the 99.5th percentile.
Range fitted_colors(const std::vector<std::vector<float>>& shares) {
  std::vector<float> sorted;
  for (const auto& column : shares)
    for (const float share : column)
      if (share > 0) sorted.push_back(share);
  if (sorted.empty()) sorted.push_back(1);
  const auto rank = std::ptrdiff_t(double(sorted.size() - 1) * 0.995);
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
  return {0, double(sorted[std::size_t(rank)])};
}

} // namespace

void HistogramHistory::finish() {
  image = nullptr;
  if (steps.size() < 2 || shares.size() != steps.size() || shares.front().empty()) return;
  const std::size_t bins = shares.front().size();
  shown = colors.value_or(fitted_colors(shares));
  if (bar) bar->map = map, bar->range = shown, bar->gamma = gamma;

  // Recorded steps may be uneven (a changed interval); the picture's columns are even, each showing the
  // recorded step nearest to it.
  double spacing = INFINITY;
  for (std::size_t i = 1; i < steps.size(); ++i) spacing = std::min(spacing, steps[i] - steps[i - 1]);
  const double length = steps.back() - steps.front();
  const auto columns = std::size_t(std::clamp(length / spacing, 1.0, 1023.0)) + 1;
  std::vector<std::uint8_t> rgba(bins * columns * 4, 255);
  std::size_t nearest = 0;
  for (std::size_t column = 0; column < columns; ++column) {
    const double step = steps.front() + length * double(column) / double(columns - 1);
    while (nearest + 1 < steps.size() &&
           std::abs(steps[nearest + 1] - step) <= std::abs(steps[nearest] - step))
      ++nearest;
    for (std::size_t bin = 0; bin < bins && bin < shares[nearest].size(); ++bin) {
      const double t = (shares[nearest][bin] - shown.low) / shown.length();
      const Color c = color_at(map, std::pow(std::max(t, 0.0), gamma));
      auto* pixel = &rgba[4 * ((bins - 1 - bin) * columns + column)];
      pixel[0] = std::uint8_t(std::lround(c.r * 255));
      pixel[1] = std::uint8_t(std::lround(c.g * 255));
      pixel[2] = std::uint8_t(std::lround(c.b * 255));
      if (std::isnan(t)) pixel[3] = 0;
    }
  }
  image = std::make_shared<Image>(int(columns), int(bins), std::move(rgba));
}

std::size_t HistogramHistory::nearest_step(double step) const {
  const auto after = std::ranges::lower_bound(steps, step);
  std::size_t i = std::min(std::size_t(after - steps.begin()), steps.size() - 1);
  if (i > 0 && step - steps[i - 1] < steps[i] - step) --i;
  return i;
}

std::optional<std::size_t> HistogramHistory::bin_at(double value) const {
  if (shares.empty() || shares.front().empty()) return std::nullopt;
  const double count = double(shares.front().size());
  const double bin = std::floor((value - range.low) / range.length() * count);
  if (!(bin >= 0) || bin >= count) return std::nullopt;
  return std::size_t(bin);
}

namespace {

void draw_quantiles(Canvas& canvas, const HistogramHistory& history, const PlotLayout& frame,
                    const PlotStyle& style) {
  const float middle = float(history.quantiles.size() - 1) / 2;
  for (std::size_t q = 0; q < history.quantiles.size(); ++q) {
    std::vector<Point> line;
    for (std::size_t i = 0; i < history.steps.size(); ++i) {
      const double value = quantile(history.shares[i], history.range, history.quantiles[q]);
      line.push_back(
          {frame.x.position(history.steps[i]), std::isfinite(value) ? frame.y.position(value) : NAN});
    }
    const bool median = float(q) == middle;
    // White over dark maps; over light ones a colour that neither their light nor their dark end has.
    const Color ink = lightness(color_at(history.map, 0)) > 60 ? style.theme.members[1] : rgb(0xffffff);
    canvas.polyline(line, {ink.with_alpha(median ? 0.9f : 0.6f), style.line * (median ? 0.8f : 0.55f),
                           median ? Dash::Solid : Dash::Dashed});
  }
}

} // namespace

namespace {

float bar_space(Canvas& canvas, const ColorBar& bar, const PlotStyle& style) {
  return color_bar_width(canvas, bar, style) + style.gap;
}

} // namespace

PlotLayout layout(const HistogramHistory& history, Canvas& canvas, const Rect& outer, const PlotStyle& style,
                  float left_margin) {
  Rect axes = outer;
  if (history.bar) axes.width = std::max(1.f, axes.width - bar_space(canvas, *history.bar, style));
  return layout(frame_of(history), canvas, axes, style, {}, left_margin);
}

namespace {

void draw_levels(Canvas& canvas, const HistogramHistory& history, const PlotLayout& layout,
                 const PlotStyle& style) {
  for (const HorizontalGuide& guide : history.guides) {
    if (!layout.y.range().contains(guide.y)) continue;
    const float y = std::floor(layout.y.position(guide.y)) + 0.5f;
    canvas.line({layout.area.x, y}, {layout.area.right(), y},
                {style.theme.text.with_alpha(0.5f), style.hairline, Dash::Dotted});
    canvas.text(
        {layout.area.x + style.gap, y - style.hairline}, guide.label,
        {.size = style.label, .color = style.theme.text.with_alpha(0.8f), .vertical = Vertical::Bottom});
  }
}

} // namespace

void draw(Canvas& canvas, const HistogramHistory& history, const PlotLayout& layout, const PlotStyle& style) {
  keep_values(canvas, history);
  draw_ground(canvas, layout, style);
  if (history.image) {
    const ClipScope clip(canvas, layout.area);
    const float left = layout.x.position(history.steps.front()),
                right = layout.x.position(history.steps.back());
    const float top = layout.y.position(history.range.high), bottom = layout.y.position(history.range.low);
    canvas.image({left, top, right - left, bottom - top}, *history.image, Interpolation::Nearest);
    draw_quantiles(canvas, history, layout, style);
    draw_levels(canvas, history, layout, style);
  }
  draw_frame(canvas, frame_of(history), layout, style);
  if (history.bar && history.image)
    draw(canvas, *history.bar,
         Rect{layout.outer.right(), layout.area.y, bar_space(canvas, *history.bar, style) - style.gap,
              layout.area.height},
         style);
}

void draw(Canvas& canvas, const HistogramHistory& history, const Rect& outer, const PlotStyle& style) {
  draw(canvas, history, layout(history, canvas, outer, style), style);
}

double quantile(const std::vector<float>& shares, Range range, double share) {
  double total = 0;
  for (const float s : shares) total += s;
  if (!(total > 0)) return NAN;
  const double bin = range.length() / double(shares.size());
  double below = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (below + shares[i] >= share * total)
      return range.low + bin * (double(i) + (shares[i] > 0 ? (share * total - below) / shares[i] : 0));
    below += shares[i];
  }
  return range.high;
}

} // namespace plateau::widgets
