#include "widgets/histogram.h"

#include <cmath>

namespace plateau::widgets {
namespace {

// Axes and titles are those of a line plot without curves.
LinePlot frame_of(const Histogram& histogram) {
  double top = 0;
  for (const double share : histogram.shares) top = std::max(top, share);
  LinePlot plot;
  plot.title = histogram.title;
  plot.x = {.title = histogram.x_title, .range = histogram.range};
  plot.y = {.title = histogram.y_title,
            .numbers = NumberStyle::Percent,
            .range = Range{0, histogram.top.value_or(top > 0 ? top * 1.06 : 1)}};
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
  plot.empty_text = history.steps.empty() ? "No data yet" : "";
  return plot;
}

// Edges between the columns of steps: half way to the neighbours.
double edge_before(const std::vector<double>& steps, std::size_t i) {
  return i == 0 ? steps.front() : (steps[i - 1] + steps[i]) / 2;
}

} // namespace

void draw(Canvas& canvas, const Histogram& histogram, const Rect& outer, const PlotStyle& style) {
  const LinePlot plot = frame_of(histogram);
  const PlotLayout frame = layout(plot, canvas, outer, style);
  draw(canvas, plot, frame, style);
  const double bin = histogram.range.length() / double(std::max<std::size_t>(1, histogram.shares.size()));
  for (std::size_t i = 0; i < histogram.shares.size(); ++i) {
    if (!(histogram.shares[i] > 0)) continue;
    const float left = frame.x.position(histogram.range.low + bin * double(i));
    const float right = frame.x.position(histogram.range.low + bin * double(i + 1));
    const float top = std::max(frame.area.y, frame.y.position(histogram.shares[i]));
    const float gap = std::min(style.hairline, (right - left) * 0.15f);
    canvas.fill_rect({left + gap / 2, top, right - left - gap, frame.area.bottom() - top}, histogram.color);
  }
}

void HistogramHistory::finish() {
  image = nullptr;
  if (steps.empty() || shares.empty() || shares.front().empty()) return;
  const std::size_t bins = shares.front().size(), columns = steps.size();
  // A few bins hold most of the mass at first; the brightest colour is for the 99.5th percentile.
  std::vector<float> sorted;
  for (const auto& column : shares)
    for (const float share : column)
      if (share > 0) sorted.push_back(share);
  if (sorted.empty()) sorted.push_back(1);
  const auto rank = std::ptrdiff_t(double(sorted.size() - 1) * 0.995);
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
  shown = {0, double(sorted[std::size_t(rank)])};
  std::vector<std::uint8_t> rgba(bins * columns * 4, 255);
  for (std::size_t column = 0; column < columns; ++column)
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const Color c = color_at(map, std::sqrt(shares[column][bin] / shown.high));
      auto* pixel = &rgba[4 * ((bins - 1 - bin) * columns + column)];
      pixel[0] = std::uint8_t(std::lround(c.r * 255));
      pixel[1] = std::uint8_t(std::lround(c.g * 255));
      pixel[2] = std::uint8_t(std::lround(c.b * 255));
    }
  image = std::make_shared<Image>(int(columns), int(bins), std::move(rgba));
}

HistogramHistoryLayout layout(const HistogramHistory& history, Canvas& canvas, const Rect& outer,
                              const PlotStyle& style) {
  const PlotLayout frame = layout(frame_of(history), canvas, outer, style);
  return {outer, frame.area, frame.x, frame.y};
}

namespace {

// Steps may be uneven (a changed interval), so each stretch of even steps is one picture.
void draw_columns(Canvas& canvas, const HistogramHistory& history, const PlotLayout& frame) {
  const auto& steps = history.steps;
  const std::size_t bins = history.shares.front().size();
  const auto even = [&](std::size_t a, std::size_t b) {
    return std::abs((steps[b + 1] - steps[b]) - (steps[a + 1] - steps[a])) < 0.5 &&
           frame.x.kind() == ScaleKind::Linear;
  };
  const auto rgba = history.image->rgba();
  const float top = frame.y.position(history.range.high), bottom = frame.y.position(history.range.low);
  for (std::size_t begin = 0; begin < steps.size();) {
    std::size_t end = begin + 1;
    while (end + 1 < steps.size() && begin + 1 < steps.size() && even(begin, end)) ++end;
    if (end + 1 == steps.size()) ++end;
    const double low = edge_before(steps, begin);
    const double high = end == steps.size() ? steps.back() : edge_before(steps, end);
    const float left = frame.x.position(low), right = frame.x.position(high);
    // Half columns at both ends of the whole would distort a picture by at most half a column.
    if (begin == 0 && end == steps.size()) {
      canvas.image({left, top, right - left, bottom - top}, *history.image, Interpolation::Nearest);
    } else {
      std::vector<std::uint8_t> part;
      part.reserve(bins * (end - begin) * 4);
      for (std::size_t row = 0; row < bins; ++row) {
        const auto* from = &rgba[4 * (row * steps.size() + begin)];
        part.insert(part.end(), from, from + 4 * (end - begin));
      }
      canvas.image({left, top, right - left, bottom - top},
                   Image(int(end - begin), int(bins), std::move(part)), Interpolation::Nearest);
    }
    begin = end;
  }
}

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
    // White over dark maps, ink over light ones, readable on both ends of the map.
    const Color ink = lightness(color_at(history.map, 0)) > 60 ? rgb(0x101418) : rgb(0xffffff);
    canvas.polyline(line, {ink.with_alpha(median ? 0.9f : 0.6f), style.line * (median ? 0.8f : 0.55f),
                           median ? Dash::Solid : Dash::Dashed});
  }
}

} // namespace

void draw(Canvas& canvas, const HistogramHistory& history, const HistogramHistoryLayout& place,
          const PlotStyle& style) {
  LinePlot plot = frame_of(history);
  const auto marks = std::move(plot.marks);
  const auto playhead = plot.playhead;
  plot.marks.clear();
  plot.playhead.reset();
  draw(canvas, plot, layout(frame_of(history), canvas, place.outer, style), style);
  plot.marks = marks;
  plot.playhead = playhead;
  const PlotLayout frame = layout(plot, canvas, place.outer, style);
  if (history.image && history.steps.size() > 1) {
    const ClipScope clip(canvas, frame.area);
    draw_columns(canvas, history, frame);
    draw_quantiles(canvas, history, frame, style);
  }
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
