// The list of keyboard shortcuts.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

class HelpDialog {
public:
  void toggle() { toggling_ = true; }
  bool is_open() const { return is_open_; }
  void draw(const View& view);

private:
  bool toggling_ = false, is_open_ = false;
};

} // namespace plateau::window
