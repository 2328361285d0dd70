// What a right click in a plot offers.
#pragma once

#include <string>

#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

/// Opens it where `done` says so, and draws it while it is open. Of plots over steps it offers remarks,
/// plateaus and linked axes, too. Items are "plot-menu-…".
void plot_menu(const View& view, const std::string& id, const widgets::LinePlot& plot,
               widgets::PlotView& plot_view, const widgets::PlotInteraction& done, bool over_steps);

} // namespace plateau::window
