// The tabs that show one small plot per measure: components and gradients.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

/// Small plots in a grid under a common legend.
class PlotTable {
public:
  using Plots = std::vector<std::pair<std::string, widgets::LinePlot>>; // by name
  /// The legend stands on the line of the last item; `between` draws what stands between it and the plots.
  void draw(const View& view, const std::string& id, Plots plots, const std::function<void()>& between = {});
  /// After the plots' values have become others.
  void forget_zoom() { plots_.clear(); }

private:
  std::map<std::string, widgets::PlotView> plots_;
  widgets::Hidden hidden_;
};

class ComponentsTab {
public:
  void draw(const View& view);

private:
  bool all_members_ = false;
  PlotTable table_;
};

class GradientsTab {
public:
  void draw(const View& view);

private:
  int kind_ = 0; // index into the choices: gradient norm, mean absolute gradient, weight norm
  bool log_ = true, all_members_ = false;
  PlotTable table_;
};

} // namespace plateau::window
