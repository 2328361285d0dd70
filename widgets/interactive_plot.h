// A line plot in the window: zoom, pan, crosshair, legend.
#pragma once

#include <optional>
#include <string_view>

#include "widgets/context.h"
#include "widgets/line_plot.h"

namespace plateau::widgets {

/// What a person has done to a plot; owned by the caller, one per plot.
struct PlotView {
  std::optional<Range> x, y; // empty: fitted to the data
  Hidden hidden;
  void fit() { x.reset(), y.reset(); }

  // While a button is held.
  enum class Drag { None, Press, Box, Pan, Playhead } drag = Drag::None;
  Point drag_from;
  Range drag_x, drag_y;
  CurveCache cache;
};

struct PlotInteraction {
  bool hovered = false;
  std::optional<double> hovered_x;
  /// A click (without a drag) on the plot's area, or the playhead while it is dragged: scrub to this step.
  std::optional<double> clicked_x;
  bool context_menu = false; // right click without a drag
  bool view_changed = false;
};

/// Wheel: zoom x at the cursor (Shift or Ctrl: y). Left drag: zoom into the box, or the playhead when it
/// starts there. Middle or right drag: pan. Double click: fit. Click on a legend entry: hide or show (Ctrl or
/// Shift: only this one). The crosshair tells every visible curve's value. `shared_cursor` (in, out) links
/// the crosshairs of several plots. Marks "ID" (whole plot), "ID/area" and "ID/legend/GROUP" for tests
/// (test_ids.h).
PlotInteraction interactive_plot(Context& context, std::string_view id, const LinePlot& plot, PlotView& view,
                                 Size size, std::optional<double>* shared_cursor = nullptr,
                                 float left_margin = 0);

} // namespace plateau::widgets
