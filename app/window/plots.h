// Line plots in panels: one crosshair for all of them, a click moves the playhead.
#pragma once

#include <string>
#include <vector>

#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

void draw_plot(const View& view, const std::string& id, const widgets::LinePlot& plot,
               widgets::PlotView& plot_view, widgets::Size size);

/// `count` plots fill the region in a grid whose columns are at least `smallest_width` wide.
struct PlotGrid {
  int columns = 1;
  widgets::Size each;
};
PlotGrid plot_grid(int count, float smallest_width, float smallest_height);

} // namespace plateau::window
