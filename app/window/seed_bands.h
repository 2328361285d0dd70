// Whether members that differ in their seed alone are drawn as one band.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

class SeedBands {
public:
  /// A check box beside the last item, where there are seeds to put together, and what the band reaches over
  /// while it is ticked ("ID-edges"). At the start of a run it is ticked if any name has several seeds in
  /// sight.
  void box(const View& view, const std::string& id);
  bool on() const { return on_; }
  int edges() const { return edges_; } // minimum and maximum, quartiles
  void set(bool on, int edges) { on_ = on, edges_ = edges == 1; }
  void set(figures::PlotOptions& options) const;

private:
  bool on_ = false;
  int edges_ = 0;
  int run_ = -1;
};

} // namespace plateau::window
