// What the probes of the curvature cost, at the end of a row of tools.
#pragma once

#include <string>

#include "app/window/view.h"

namespace plateau::window {

/// "curvature probes take 0.9 ms per step, 24 % of the time"; empty while there are none.
std::string curvature_cost(const training::StepTimes& times);

/// The last text of a row, `brief` where the whole does not fit, and at its right end what the probes cost.
void end_row(const View& view, const std::string& text, const std::string& brief = {});

} // namespace plateau::window
