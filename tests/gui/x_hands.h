// A person's mouse, keyboard and drag and drop, through the X server.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/gui/x_server.h"

namespace plateau::test {

/// Whether xdotool is installed; when not, says on standard error that the test is skipped.
bool hands_available();

/// For the one window of Plateau on `server`.
class XHands {
public:
  /// Waits for the window.
  explicit XHands(const XServer& server);
  /// In the middle of an item that the window named on its standard output (list-items).
  void click(const std::string& output, const std::string& item) const;
  /// As xdotool names it: "space", "ctrl+o".
  void key(const std::string& chord) const;
  void type(const std::string& text) const;
  /// Drags files into the window and lets go, as a file manager does (XDND). Returns whether the window took
  /// them.
  bool drop(const std::vector<std::filesystem::path>& files) const;
  static bool can_drop(); // built with Xlib

private:
  std::string display_, tool_, window_;
};

} // namespace plateau::test
