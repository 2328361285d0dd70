// The list of keyboard shortcuts.
#pragma once

#include <span>
#include <string>

#include "app/window/view.h"

namespace plateau::window {

class HelpDialog {
public:
  void toggle() { toggling_ = true; }
  bool is_open() const { return is_open_; }
  /// `tabs`: those shown, in order, for their keys.
  void draw(const View& view, std::span<const std::string> tabs);

private:
  bool toggling_ = false, is_open_ = false;
};

} // namespace plateau::window
