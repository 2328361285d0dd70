// Tells canvases that keep numbers what a plot shows; nothing to others. Internal to widgets/.
#pragma once

#include <span>
#include <string>

#include "widgets/bar_chart.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/line_plot.h"
#include "widgets/scatter.h"

namespace plateau::widgets {

/// Curves inside `x`: as recorded, and the mean where they are smoothed; ends of bands.
void keep_values(Canvas& canvas, const LinePlot& plot, Range x, const Hidden& hidden);
/// x: column, y: row, from 0. `name` in place of the map's title.
void keep_values(Canvas& canvas, const std::string& plot, const std::string& name, const HeatMap& map);
void keep_values(Canvas& canvas, const HeatMapGrid& grid);
/// x: middle of the bin, y: its share.
void keep_values(Canvas& canvas, const Histogram& histogram);
/// x: step, y: middle of the bin, z: its share.
void keep_values(Canvas& canvas, const HistogramHistory& history);
/// z: what colours the point.
void keep_values(Canvas& canvas, const Scatter& scatter);
/// x: number of the group, from 0.
void keep_values(Canvas& canvas, const BarChart& chart);

} // namespace plateau::widgets
