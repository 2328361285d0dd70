// What was found in the curves and what was done to the run; a click goes to its step.
#pragma once

#include <cstddef>

#include "app/window/view.h"

namespace plateau::window {

class EventsPanel {
public:
  void draw(const View& view);

private:
  std::size_t seen_ = 0; // scrolls down when there are more
};

widgets::Color event_color(const widgets::Theme& theme, training::Event::Kind kind);

} // namespace plateau::window
