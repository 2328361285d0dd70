// How the values that heads read are spread, and whether LASER can differ from the plain read (laser.md B2).
#pragma once

#include <string>
#include <vector>

#include "app/figures/curves.h"

namespace plateau::figures {

/// Each the metric's name before "/layer{l}".
const std::vector<Measure>& value_measures();

/// One line per layer (and member); with options.layer one line per head where heads are told apart.
widgets::LinePlot value_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                             const std::string& measure);

/// Below this the sum before LASER's logarithm is 0 in float32.
inline constexpr double underflow_limit = 1e-38;

} // namespace plateau::figures
