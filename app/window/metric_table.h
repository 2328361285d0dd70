// Small plots in a grid inside a part of a tab, under a common legend.
#pragma once

#include <map>
#include <span>
#include <string>

#include "app/figures/metric_plots.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class MetricTable {
public:
  /// Those of `plots` that have a curve fill `size`, or scroll in it; columns are at least `least_width` ems
  /// wide. Marks "plot-NAME" and "legend-ID/CURVE". False, and nothing drawn, where none has.
  bool draw(const View& view, const std::string& id, std::span<const figures::MetricPlot> plots,
            const figures::PlotOptions& options, widgets::Size size, float least_width = 11.5f);

private:
  std::map<std::string, widgets::PlotView> plots_;
  widgets::Hidden hidden_;
};

} // namespace plateau::window
