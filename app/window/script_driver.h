// Carries out a script on the real window: moves a mouse and presses keys where a person would.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/window/actions.h"
#include "app/window/script.h"
#include "app/window/shortcuts.h"
#include "engine/training/snapshot.h"
#include "widgets/geometry.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

/// What the driver sees of the window, and its hands on what no mouse reaches.
struct DrivenWindow {
  const training::Snapshot& snapshot;
  const std::map<std::string, std::string>& readings;
  bool dark = false;
  std::function<void(int width, int height)> resize;
  std::function<void(const std::string& file)>
      save_screenshot; // of this frame, when it is drawn; may throw later
  std::function<void()> toggle_theme;
};

class ScriptDriver {
public:
  explicit ScriptDriver(Script script) : script_(std::move(script)) {}

  /// Between the platform's and ImGui's new frame.
  void give_input();
  /// Keys for the shortcuts that went down since the last call.
  std::vector<KeyPress> take_keys();
  /// After each frame drawn; `now` in seconds.
  void after_frame(const DrivenWindow& window, double now);

  /// Whether the next step needs a frame; otherwise it waits for the run.
  bool wants_frame() const { return !steps_.empty() && !waiting_; }
  bool keeps_workspace() const { return window::keeps_workspace(script_); }
  bool over() const { return over_; }
  /// Why it failed, with file and line; empty when it did not.
  const std::string& failure() const { return failure_; }
  /// The item that has to come into sight.
  const std::string& wanted_item() const { return wanted_item_; }

private:
  /// Called once per frame until it returns true.
  using Step = std::function<bool(const DrivenWindow&, double now)>;

  void begin(const ScriptCommand& command, const DrivenWindow& window);
  bool begin_mouse(const ScriptCommand& command);
  bool begin_keyboard(const ScriptCommand& command);
  bool begin_wait(const ScriptCommand& command);
  bool begin_expectation(const ScriptCommand& command, const DrivenWindow& window);

  void then(Step step) { steps_.push_back(std::move(step)); }
  void then_frames(int count);
  void then_do(std::function<void()> what);
  void then_point_at(const std::string& item, float x, float y);
  void then_press_and_release();
  void then_key(const std::string& chord);
  void then_wait(const std::string& for_what, std::function<bool(const DrivenWindow&)> condition);
  void fail(const std::string& why);

  Script script_;
  std::size_t next_ = 0;
  int line_ = 0;
  std::deque<Step> steps_;
  bool waiting_ = false, over_ = false;
  std::string failure_, wanted_item_;
  double timeout_ = 120, step_since_ = -1;

  widgets::Point mouse_{-1, -1};
  bool button_ = false;
  float wheel_ = 0;
  bool control_ = false;
  bool right_ = false;                // the button that is pressed is the right one
  std::optional<bool> hands_control_; // Ctrl while the mouse is used
  std::optional<widgets::Key> key_, key_to_release_;
  std::string typed_;
  std::vector<KeyPress> keys_;
};

} // namespace plateau::window
