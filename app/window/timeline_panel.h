// The line of recorded steps, and what can be done at the step it shows.
#pragma once

#include <cstdint>

#include "app/window/view.h"
#include "widgets/timeline.h"

namespace plateau::window {

class TimelinePanel {
public:
  void draw(const View& view);
  static float height();

private:
  void menu(const View& view);
  void moving(const View& view);
  void going_back(const View& view);

  widgets::TimelineState state_;
  std::int64_t menu_step_ = 0; // where the right button was pressed
};

} // namespace plateau::window
