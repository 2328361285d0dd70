// The line of recorded steps, and what can be done at the step it shows.
#pragma once

#include "app/window/view.h"
#include "widgets/timeline.h"

namespace plateau::window {

class TimelinePanel {
public:
  void draw(const View& view);
  static float height();

private:
  widgets::TimelineState state_;
};

} // namespace plateau::window
