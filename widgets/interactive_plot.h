// A line plot in the window: zoom, pan, crosshair, legend.
#pragma once

#include <optional>
#include <string_view>

#include "widgets/context.h"
#include "widgets/line_plot.h"
#include "widgets/nearest_point.h"

namespace plateau::widgets {

/// What a person has done to a plot; owned by the caller, one per plot.
struct PlotView {
  std::optional<Range> x, y;               // empty: fitted to the data
  std::optional<ScaleKind> x_kind, y_kind; // empty: as the plot is described
  Hidden hidden;
  void fit() { x.reset(), y.reset(); }

  // While a button is held.
  enum class Drag { None, Press, Box, Pan, Playhead, SpanLow, SpanHigh } drag = Drag::None;
  Point drag_from;
  Range drag_x, drag_y;
  int span = -1; // the id of the one whose end is dragged
  Range span_x;  // as it is now
  CurveCache cache;
};

struct PlotInteraction {
  bool hovered = false;
  std::optional<double> hovered_x;
  /// A click (without a drag) on the plot's area, or the playhead while it is dragged: scrub to this step.
  std::optional<double> clicked_x;
  bool context_menu = false; // right click without a drag, on the plot's area
  bool view_changed = false;
  std::optional<NearestPoint> nearest;   // whose line is under the mouse
  std::optional<std::size_t> mark, span; // under the mouse, index; of spans those that have an id
  /// The end of a movable span was dragged, and let go of in this frame.
  struct MovedSpan {
    int id = -1;
    Range x;
    bool low_end = true; // that was moved
  };
  std::optional<MovedSpan> moved;
};

/// Wheel: zoom x at the cursor (Shift or Ctrl: y). Left drag: zoom into the box, or the playhead or the end
/// of a movable span when it starts there. Middle or right drag: pan. Double click: fit. Click on a legend
/// entry: hide or show (Ctrl or Shift: only this one). The crosshair tells every visible curve's value, and
/// the exact one of the point nearest to the mouse. `shared_cursor` (in, out) links the crosshairs of several
/// plots. Marks "ID" (whole plot), "ID/area", "ID/legend/GROUP", "ID/mark-INDEX" and "ID/span-ID/low" and
/// "/high" (grips of movable spans) for tests (test_ids.h).
PlotInteraction interactive_plot(Context& context, std::string_view id, const LinePlot& plot, PlotView& view,
                                 Size size, std::optional<double>* shared_cursor = nullptr,
                                 float left_margin = 0);

} // namespace plateau::widgets
