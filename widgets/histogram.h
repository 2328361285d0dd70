// Distributions: bars at one step, and bins over time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/axis.h"
#include "widgets/canvas.h"
#include "widgets/color_map.h"
#include "widgets/heat_map.h"
#include "widgets/line_plot.h"

namespace plateau::widgets {

/// Equal bins over `range`; bars may also go below 0.
struct Histogram {
  std::string title, x_title, y_title;
  Range range{0, 1};
  NumberStyle x_numbers = NumberStyle::Plain; // Steps: whole numbers only
  std::vector<double> shares;                 // one per bin
  Color color;
  std::vector<Color> colors = {};    // one per bar where they differ; empty: all in `color`
  std::optional<double> top;         // of the y axis; fitted when empty
  std::optional<Range> y_range = {}; // of the y axis in its place
  NumberStyle y_numbers = NumberStyle::Percent;
  std::vector<CurvePoint> line = {}; // over the bars, for example a fitted density
  Color line_color = {};
  struct Label {
    std::size_t bar = 0;
    std::string text;
  };
  /// Above single bars; where two would touch, the earlier one stays.
  std::vector<Label> labels = {};
};
PlotLayout layout(const Histogram& histogram, Canvas& canvas, const Rect& outer, const PlotStyle& style);
/// The bar above or below which `point` lies inside the axes.
std::optional<std::size_t> bar_at(const Histogram& histogram, const PlotLayout& layout, Point point);
void draw(Canvas& canvas, const Histogram& histogram, const Rect& outer, const PlotStyle& style);

/// Bins (y) over steps (x), coloured by share; lines at quantiles. Without quantiles the values need be no
/// shares: any matrix over steps; one that is not a number stays blank.
struct HistogramHistory {
  std::string title;
  AxisOptions x{.title = "step", .numbers = NumberStyle::Steps};
  AxisOptions y;
  Range range{0, 1};                      // of the bins, low first
  std::vector<double> steps;              // ascending
  std::vector<std::vector<float>> shares; // [steps][bins]
  ColorMap map = ColorMap::Viridis;
  std::vector<double> quantiles = {0.1, 0.5, 0.9};
  std::optional<double> playhead;
  std::vector<VerticalMark> marks;
  std::vector<HorizontalGuide> guides; // levels worth a line, on top of the bins
  std::optional<Range> colors;         // values of the colour map's ends; fitted when empty
  double gamma = 0.5;                  // colour at t^gamma
  std::optional<ColorBar> bar;         // beside the axes; finish() fills in map, range and gamma
  ImagePtr image;                      // made by finish()
  Range shown{0, 1};                   // values of the colour map's ends
  void finish();
  /// Index of the recorded step nearest to `step`; there must be one.
  std::size_t nearest_step(double step) const;
  /// The bin that holds y = `value`; empty outside.
  std::optional<std::size_t> bin_at(double value) const;
};
PlotLayout layout(const HistogramHistory& history, Canvas& canvas, const Rect& outer, const PlotStyle& style,
                  float left_margin = 0);
void draw(Canvas& canvas, const HistogramHistory& history, const PlotLayout& layout, const PlotStyle& style);
void draw(Canvas& canvas, const HistogramHistory& history, const Rect& outer, const PlotStyle& style);

/// The value below which `share` of the mass lies, interpolated inside its bin.
double quantile(const std::vector<float>& shares, Range range, double share);

} // namespace plateau::widgets
