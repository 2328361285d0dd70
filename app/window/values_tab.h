// LASER: how far the values that a head reads lie apart, and whether reading them by exponentials can differ.
#pragma once

#include "app/window/parameter_tabs.h"
#include "app/window/view.h"

namespace plateau::window {

class ValuesTab {
public:
  void draw(const View& view);

private:
  int layer_ = 0; // 0: all
  bool all_members_ = false;
  PlotTable table_;
};

} // namespace plateau::window
