// The window on the screen: GLFW, OpenGL and Dear ImGui, and what the person did. UI thread only.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/window/shortcuts.h"
#include "widgets/geometry.h"
#include "widgets/image.h"

struct GLFWwindow;

namespace plateau::window {

/// Wakes the window from another thread, at most once per drawn frame. May outlive the display.
class WakeSignal {
public:
  void raise();
  bool is_raised() const { return raised_; }
  /// Before a frame takes what is new: the next raise() wakes again.
  void lower() { raised_ = false; }
  /// From now on raise() only notes: GLFW is going away.
  void close();

private:
  std::atomic<bool> raised_ = false;
  std::atomic<bool> closed_ = false;
};

class Display {
public:
  struct WindowSize {
    int width = 0, height = 0; // in pixels of a screen that is not scaled
  };
  /// `fits`: within the screen. Throws InputError when there is no display or no OpenGL 3.3.
  Display(WindowSize size, bool fits, const std::string& title);
  ~Display();
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  /// Sleeps until something happens, at most `seconds`; 0 only looks.
  void wait_events(double seconds);

  /// `between` runs where synthetic input has to be given: after the platform's and before ImGui's frame.
  void begin_frame(const std::function<void()>& between);
  /// Draws and shows the frame. With `capture` the picture is returned.
  std::shared_ptr<const widgets::Image> end_frame(widgets::Color background, bool capture);

  bool close_requested() const;
  bool is_focused() const;
  bool is_iconified() const;
  /// Pixels per unit of the window where the system does not scale by itself.
  float content_scale() const;
  void set_title(const std::string& title);
  void set_size(int width, int height);
  WindowSize size() const;
  /// The fonts changed.
  void renew_font_texture();

  // What happened since the last call.
  bool take_activity();
  std::vector<KeyPress> take_keys();
  std::vector<std::filesystem::path> take_dropped_files(); // of one drop

  static double now(); // seconds

private:
  void connect_callbacks();

  GLFWwindow* window_ = nullptr;
  std::string title_;
  bool activity_ = true;
  std::vector<int> pressed_keys_; // since the last frame, GLFW's
  std::vector<KeyPress> keys_;
  std::vector<std::filesystem::path> dropped_files_;
};

} // namespace plateau::window
