// Small plots of several sorts of curves as one plot for each sort.
#pragma once

#include <span>
#include <vector>

#include "app/figures/metric_plots.h"

namespace plateau::figures {

/// For several members: colours tell them apart, and many dashes are hard to tell. "scores" with curves "in
/// context" and "in weights" becomes "scores-in context" and "scores-in weights". Plots with a curve per
/// layer stay as they are.
std::vector<MetricPlot> separated(std::span<const MetricPlot> plots);

} // namespace plateau::figures
