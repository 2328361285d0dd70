// Whether members that differ in their seed alone are drawn as one band.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

class SeedBands {
public:
  /// A check box beside the last item, where there are seeds to put together. At the start of a run it is
  /// ticked if any name has several of them in sight.
  void box(const View& view, const char* id);
  bool on() const { return on_; }

private:
  bool on_ = false;
  int run_ = -1;
};

} // namespace plateau::window
