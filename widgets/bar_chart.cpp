#include "widgets/bar_chart.h"

#include <algorithm>
#include <cmath>

#include "widgets/drawn_values.h"

namespace plateau::widgets {
namespace {

constexpr double filled = 0.8; // share of a group's width that its bars take

bool any_value(const BarChart& chart) {
  return std::ranges::any_of(chart.series, [](const auto& s) {
    return std::ranges::any_of(s.values, [](double value) { return std::isfinite(value); });
  });
}

// Axes, titles and legend are those of a line plot whose curves have no points.
LinePlot frame_of(const BarChart& chart) {
  LinePlot plot;
  plot.title = chart.title;
  plot.x = {.title = "", .range = Range{0, std::max(1.0, double(chart.groups.size()))}};
  plot.y = chart.y;
  plot.guides = chart.guides;
  if (!plot.y.range) {
    Range fitted{0, 0};
    for (const auto& series : chart.series)
      for (const double value : series.values)
        if (std::isfinite(value))
          fitted = {std::min(fitted.low, value * 1.06), std::max(fitted.high, value * 1.06)};
    if (fitted.low == fitted.high) fitted.high = 1;
    plot.y.range = fitted;
  }
  if (chart.series.size() > 1)
    for (const auto& series : chart.series) {
      Curve curve;
      curve.label = series.name;
      curve.color = series.color;
      plot.curves.push_back(std::move(curve));
    }
  plot.empty_text = any_value(chart) ? "" : chart.empty_text;
  return plot;
}

} // namespace

PlotLayout layout(const BarChart& chart, Canvas& canvas, const Rect& outer, const PlotStyle& style) {
  PlotLayout result = layout(frame_of(chart), canvas, outer, style);
  result.x_ticks.clear();
  const float room = result.area.width / float(std::max<std::size_t>(1, chart.groups.size()));
  for (std::size_t i = 0; i < chart.groups.size(); ++i)
    result.x_ticks.push_back(
        {double(i) + 0.5, fit_text(canvas, chart.groups[i], room - style.label * 0.4f, style.label)});
  return result;
}

void draw(Canvas& canvas, const BarChart& chart, const PlotLayout& layout, const PlotStyle& style) {
  // A curve without points draws nothing; what is under the bars and its guides do.
  LinePlot frame = frame_of(chart);
  draw(canvas, frame, layout, style);
  keep_values(canvas, chart);
  const double width = filled / double(std::max<std::size_t>(1, chart.series.size()));
  const ClipScope clip(canvas, layout.area);
  for (std::size_t s = 0; s < chart.series.size(); ++s)
    for (std::size_t group = 0; group < chart.groups.size() && group < chart.series[s].values.size();
         ++group) {
      const double value = chart.series[s].values[group];
      if (!std::isfinite(value) || value == 0) continue;
      const double begin = double(group) + (1 - filled) / 2 + width * double(s);
      const float left = layout.x.position(begin), right = layout.x.position(begin + width);
      const float at = layout.y.position(value), zero = layout.y.position(0);
      const float gap = std::min(style.hairline, (right - left) * 0.15f);
      canvas.fill_rect({left + gap / 2, std::min(at, zero), right - left - gap, std::abs(zero - at)},
                       chart.series[s].color);
    }
}

void draw(Canvas& canvas, const BarChart& chart, const Rect& outer, const PlotStyle& style) {
  draw(canvas, chart, layout(chart, canvas, outer, style), style);
}

std::optional<Bar> bar_at(const BarChart& chart, const PlotLayout& layout, Point point) {
  if (chart.groups.empty() || chart.series.empty() || !layout.area.contains(point)) return std::nullopt;
  const double at = layout.x.value(point.x), group = std::floor(at);
  const double within = (at - group - (1 - filled) / 2) / filled;
  if (!(within >= 0) || within >= 1 || group < 0 || group >= double(chart.groups.size())) return std::nullopt;
  return Bar{std::size_t(group), std::size_t(within * double(chart.series.size()))};
}

} // namespace plateau::widgets
