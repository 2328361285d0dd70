// The tabs that show one small plot per measure: components and gradients.
#pragma once

#include <map>
#include <string>

#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class ComponentsTab {
public:
  void draw(const View& view);

private:
  bool all_members_ = false;
  std::map<std::string, widgets::PlotView> plots_; // by measure
};

class GradientsTab {
public:
  void draw(const View& view);

private:
  int kind_ = 0; // index into the choices: gradient norm, mean absolute gradient, weight norm
  bool log_ = true, all_members_ = false;
  std::map<std::string, widgets::PlotView> plots_; // by part
};

} // namespace plateau::window
