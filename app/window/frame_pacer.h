// Decides when to draw: on events only and never faster than a cap, so that drawing does not take the
// trainer's cores. Pure: the caller passes the time in seconds.
#pragma once

namespace plateau::window {

struct FrameRates {
  double active = 30;   // input or animation, in focus
  double data = 10;     // only new data
  double unfocused = 4; // whatever happens
};

class FramePacer {
public:
  explicit FramePacer(FrameRates rates = {}) : rates_(rates) {}

  /// Something a person did, or the window itself (resize, expose).
  void input(double now);
  /// A new snapshot.
  void data();
  /// Something moves by itself: the active rate while in focus.
  void animation(double now);

  void set_rates(FrameRates rates) { rates_ = rates; }
  void set_focused(bool focused) { focused_ = focused; }
  void set_iconified(bool iconified) { iconified_ = iconified; }

  bool due(double now) const;
  /// How long to sleep at most; `idle_wait` when nothing is to be drawn.
  double wait(double now, double idle_wait = 0.5) const;
  /// `cost`: seconds that drawing the frame took.
  void drawn(double now, double cost = 0);

private:
  double interval(double now) const;

  // Dear ImGui needs further frames after an event to settle (hover, popups, column widths).
  static constexpr int frames_per_event = 3;
  static constexpr double active_period = 0.3; // seconds after the last input
  // Tooltips come when the mouse has rested for a while.
  static constexpr double rest_period = 0.6;

  // With data alone, drawing takes at most this share of the time: with software OpenGL a frame is dear.
  static constexpr double largest_share = 1.0 / 6;

  FrameRates rates_;
  int pending_ = frames_per_event;
  double last_frame_ = -1e9;
  double last_input_ = -1e9;
  double cost_ = 0; // of recent frames
  bool focused_ = true, iconified_ = false;
};

} // namespace plateau::window
