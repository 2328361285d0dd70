#include "widgets/drawn_values.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace plateau::widgets {
namespace {

constexpr double none = NAN;

// Written in pieces: curves may have millions of points.
constexpr std::size_t piece = 4096;

template<class At>
void keep_points(Canvas& canvas, const std::string& plot, const std::string& series, std::size_t count,
                 At at) {
  std::vector<Sample> samples;
  for (std::size_t begin = 0; begin < count; begin += piece) {
    samples.clear();
    for (std::size_t i = begin; i < std::min(count, begin + piece); ++i) samples.push_back(at(i));
    canvas.keep(plot, series, samples);
  }
}

std::string joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + ", " + b;
}

const std::string& name_of(const std::string& title, const std::string& y_title) {
  return title.empty() ? y_title : title;
}

double middle(Range range, std::size_t bin, std::size_t bins) {
  return range.low + range.length() * (double(bin) + 0.5) / double(bins);
}

// Means of the smoothed curve at its own points, in one pass.
std::vector<Sample> smoothed(const Curve& curve, std::size_t begin, std::size_t end) {
  std::vector<Sample> means;
  const double half = curve.smoothing / 2;
  std::size_t head = curve.data.lower_bound(curve.data.at(begin).x - half), tail = head;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const CurvePoint here = curve.data.at(i);
    for (; head < curve.data.size && curve.data.at(head).x <= here.x + half; ++head)
      if (const double y = curve.data.at(head).y; std::isfinite(y)) sum += y, ++count;
    for (; curve.data.at(tail).x < here.x - half; ++tail)
      if (const double y = curve.data.at(tail).y; std::isfinite(y)) sum -= y, --count;
    means.push_back({here.x, count > 0 ? sum / double(count) : none, none});
  }
  return means;
}

} // namespace

void keep_values(Canvas& canvas, const LinePlot& plot, Range x, const Hidden& hidden) {
  if (!canvas.keeps_values()) return;
  const std::string& name = name_of(plot.title, plot.y.title);
  for (const Curve& curve : plot.curves) {
    if (is_hidden(curve, hidden)) continue;
    const std::size_t begin = curve.data.lower_bound(x.low),
                      end = curve.data.lower_bound(std::nextafter(x.high, INFINITY));
    if (begin >= end) continue;
    const std::string series = joined(group_of(curve), curve.kind);
    keep_points(canvas, name, series, end - begin, [&](std::size_t i) {
      const CurvePoint point = curve.data.at(begin + i);
      return Sample{point.x, point.y, none};
    });
    if (curve.smoothing > 0)
      canvas.keep(name, joined(series, fmt::format("mean over {:g}", curve.smoothing)),
                  smoothed(curve, begin, end));
  }
  for (const Band& band : plot.bands) {
    if (hidden.contains(band.group)) continue;
    const auto first = std::ranges::lower_bound(band.x, x.low),
               last = std::ranges::upper_bound(band.x, x.high);
    if (first >= last) continue;
    const auto begin = std::size_t(first - band.x.begin()), count = std::size_t(last - first);
    for (const bool low : {true, false})
      keep_points(canvas, name, joined(band.group, low ? "low" : "high"), count, [&](std::size_t i) {
        return Sample{band.x[begin + i], (low ? band.low : band.high)[begin + i], none};
      });
  }
}

void keep_values(Canvas& canvas, const std::string& plot, const std::string& name, const HeatMap& map) {
  if (!canvas.keeps_values() || map.columns == 0) return;
  keep_points(canvas, plot, name, map.values.size(), [&](std::size_t i) {
    return Sample{double(i % std::size_t(map.columns)), double(i / std::size_t(map.columns)), map.values[i]};
  });
}

void keep_values(Canvas& canvas, const HeatMapGrid& grid) {
  if (!canvas.keeps_values()) return;
  const std::size_t columns = grid.column_captions.size();
  for (std::size_t i = 0; i < grid.cells.size() && columns > 0; ++i)
    keep_values(canvas, grid.title,
                joined(joined(grid.row_captions[i / columns], grid.column_captions[i % columns]),
                       grid.cells[i].title),
                grid.cells[i]);
}

void keep_values(Canvas& canvas, const Histogram& histogram) {
  if (!canvas.keeps_values()) return;
  const std::string& name = name_of(histogram.title, histogram.y_title);
  const auto& shares = histogram.shares;
  keep_points(canvas, name, "bars", shares.size(), [&](std::size_t bin) {
    return Sample{middle(histogram.range, bin, shares.size()), shares[bin], none};
  });
  keep_points(canvas, name, "line", histogram.line.size(), [&](std::size_t i) {
    return Sample{histogram.line[i].x, histogram.line[i].y, none};
  });
}

void keep_values(Canvas& canvas, const HistogramHistory& history) {
  if (!canvas.keeps_values()) return;
  for (std::size_t i = 0; i < history.steps.size(); ++i) {
    const auto& shares = history.shares[i];
    keep_points(canvas, name_of(history.title, history.y.title), "", shares.size(), [&](std::size_t bin) {
      return Sample{history.steps[i], middle(history.range, bin, shares.size()), shares[bin]};
    });
  }
}

void keep_values(Canvas& canvas, const Scatter& scatter) {
  if (!canvas.keeps_values()) return;
  for (std::size_t i = 0; i < scatter.points.size(); ++i) {
    const Sample sample{scatter.points[i].x, scatter.points[i].y,
                        scatter.shades.empty() ? none : scatter.shades[i]};
    if (is_shown(scatter, scatter.points[i]))
      canvas.keep(name_of(scatter.title, scatter.y.title), scatter.labels.empty() ? "" : scatter.labels[i],
                  {&sample, 1});
  }
}

void keep_values(Canvas& canvas, const BarChart& chart) {
  if (!canvas.keeps_values()) return;
  for (std::size_t group = 0; group < chart.groups.size(); ++group)
    for (const auto& series : chart.series) {
      const Sample sample{double(group), series.values[group], none};
      canvas.keep(name_of(chart.title, chart.y.title), joined(chart.groups[group], series.name),
                  {&sample, 1});
    }
}

} // namespace plateau::widgets
