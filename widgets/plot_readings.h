// The crosshair of a plot and what is told beside it; internal to widgets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/context.h"
#include "widgets/nearest_point.h"

namespace plateau::widgets {

struct Reading {
  const Curve* curve;
  CurvePoint point;
};

/// The value of each visible curve at `x`, from top to bottom.
std::vector<Reading> readings_at(const LinePlot& plot, const Hidden& hidden, double x);

void draw_crosshair(Canvas& canvas, const std::vector<Reading>& readings, double x, const PlotLayout& layout,
                    const PlotStyle& style);
/// A ring around the point.
void draw_nearest(Canvas& canvas, const LinePlot& plot, const NearestPoint& nearest, const PlotLayout& layout,
                  const PlotStyle& style);

/// A tooltip: the values of all curves, marks and spans there, and the nearest point exactly.
void show_readings(Context& context, const LinePlot& plot, const PlotLayout& layout,
                   const std::vector<Reading>& all, double x, const std::optional<NearestPoint>& nearest);

/// A recorded value with all its digits: "0.6238131".
std::string exact_value(double value);

} // namespace plateau::widgets
