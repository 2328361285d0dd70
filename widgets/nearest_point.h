// Which recorded point of which curve is meant by a place in a plot.
#pragma once

#include <optional>

#include "widgets/line_plot.h"

namespace plateau::widgets {

struct NearestPoint {
  std::size_t curve = 0;          // index into LinePlot::curves
  CurvePoint point;               // as recorded
  std::optional<double> smoothed; // what the smoothed curve shows there
  float distance = 0;             // of the line from the place, canvas units
};

/// Of the visible curve whose line passes nearest to `place`, its recorded point nearest to it; empty where
/// none passes within `reach`. The line of a smoothed curve is its mean, and only where no line is near the
/// raw curve behind it.
std::optional<NearestPoint> nearest_point(const LinePlot& plot, const PlotLayout& layout,
                                          const Hidden& hidden, Point place, float reach);

} // namespace plateau::widgets
