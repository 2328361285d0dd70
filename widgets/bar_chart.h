// Bars side by side in named groups, on any canvas.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/canvas.h"
#include "widgets/line_plot.h"

namespace plateau::widgets {

struct BarChart {
  std::string title;
  AxisOptions y;
  std::vector<std::string> groups;
  struct Series {
    std::string name;
    Color color;
    std::vector<double> values; // one per group; not a number: no bar
  };
  std::vector<Series> series;
  std::vector<HorizontalGuide> guides;
  std::string empty_text = "No data yet";
};

PlotLayout layout(const BarChart& chart, Canvas& canvas, const Rect& outer, const PlotStyle& style);
void draw(Canvas& canvas, const BarChart& chart, const PlotLayout& layout, const PlotStyle& style);
void draw(Canvas& canvas, const BarChart& chart, const Rect& outer, const PlotStyle& style);

struct Bar {
  std::size_t group = 0, series = 0;
  bool operator==(const Bar&) const = default;
};
/// The bar in whose column `point` lies inside the axes.
std::optional<Bar> bar_at(const BarChart& chart, const PlotLayout& layout, Point point);

} // namespace plateau::widgets
