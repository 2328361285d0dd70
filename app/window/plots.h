// Line plots in panels: one crosshair for all of them, a click moves the playhead.
#pragma once

#include <string>
#include <vector>

#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

/// Over steps: crosshair, playhead, remarks and, while they are linked, the step axis are shared. A right
/// click opens its menu.
void draw_plot(const View& view, const std::string& id, widgets::LinePlot plot, widgets::PlotView& plot_view,
               widgets::Size size);

/// A plot whose x are no steps: neither crosshair nor playhead are shared.
void draw_free_plot(const View& view, const std::string& id, const widgets::LinePlot& plot,
                    widgets::PlotView& plot_view, widgets::Size size);

/// The scale of a plot's step axis as chosen by hand: the common one while axes are linked.
std::optional<widgets::ScaleKind> step_scale(const View& view, const widgets::PlotView& plot);
void set_step_scale(const View& view, widgets::PlotView& plot, std::optional<widgets::ScaleKind> scale);
/// A check box for a scale: logarithmic, or linear. Returns true when it changed.
bool log_box(const View& view, const char* id, const char* label, std::optional<widgets::ScaleKind>& scale);

/// For small plots side by side: without what a common legend and the neighbours say already.
void make_compact(widgets::LinePlot& plot);

/// The common legend, on the line of the last item if it fits; a click on an entry hides or shows its curves.
/// Sorts of curves ("train", "test") follow, where dashes tell them apart.
void legend_row(const View& view, const std::string& id, const std::vector<const widgets::LinePlot*>& plots,
                widgets::Hidden& hidden);

/// A region for plots that scrolls where there are more of them than room.
class PlotScope {
public:
  explicit PlotScope(const char* id);
  ~PlotScope();
  PlotScope(const PlotScope&) = delete;
  PlotScope& operator=(const PlotScope&) = delete;
};

/// `count` plots fill the region in a grid whose columns are at least `smallest_width` wide.
struct PlotGrid {
  int columns = 1;
  widgets::Size each;
};
PlotGrid plot_grid(int count, float smallest_width, float smallest_height);
/// Likewise, with as many columns as give plots the best shape.
PlotGrid balanced_grid(int count, float smallest_width, float smallest_height);

} // namespace plateau::window
