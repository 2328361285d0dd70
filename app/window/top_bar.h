// Study, state, the run's buttons, progress and speed.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

class TopBar {
public:
  void draw(const View& view);
  /// Of the bar, in pixels.
  static float height();

private:
  void run_buttons(const View& view);
  void replay_buttons(const View& view);
  void replay_speed(const View& view);
  void progress(const View& view, float width);
  void window_buttons(const View& view);
};

/// "running", "replay, paused": the state for people.
std::string state_text(const View& view);

} // namespace plateau::window
