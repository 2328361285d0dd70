// The one table of keyboard shortcuts: it is obeyed and it is what the help lists.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/window/actions.h"

namespace plateau::window {

/// A key that went down, named as in the table: "space", "r", "left", "f1", "?", "ctrl+o", "shift+left".
/// Letters and signs are named by what the keyboard's layout makes of them. Shift is named with letters and
/// with keys that write nothing; where the table does not know it, it counts for nothing.
struct KeyPress {
  std::string chord;
  bool repeated = false; // held down
  bool released = false; // went up; named without Ctrl, Alt and Shift
};

struct Shortcut {
  std::vector<std::string> chords; // the first is the one shown in tooltips
  std::string description;
  Action action;
  bool repeats = false;               // acts again while the key is held
  std::optional<Action> release = {}; // when the key goes up again
};

std::span<const Shortcut> shortcuts();

/// What `press` does; null when that is nothing.
const Action* action_of(const KeyPress& press);

/// "Space", "Ctrl + O": a chord for people.
std::string display_name(std::string_view chord);

/// What a GLFW key event means; empty for keys that mean nothing alone (modifiers, unknown keys).
std::string chord_of(int glfw_key, int scancode, int modifiers);

} // namespace plateau::window
