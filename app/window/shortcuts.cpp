#include "app/window/shortcuts.h"

#include <algorithm>
#include <array>
#include <cctype>

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

namespace plateau::window {

namespace {

struct NamedKey {
  const char* name;
  int key;
  const char* shown;
};

// Keys that write no character, or none with a readable name.
constexpr std::array named_keys = {
    NamedKey{"space", GLFW_KEY_SPACE, "Space"},
    NamedKey{"left", GLFW_KEY_LEFT, "Left"},
    NamedKey{"right", GLFW_KEY_RIGHT, "Right"},
    NamedKey{"up", GLFW_KEY_UP, "Up"},
    NamedKey{"down", GLFW_KEY_DOWN, "Down"},
    NamedKey{"home", GLFW_KEY_HOME, "Home"},
    NamedKey{"end", GLFW_KEY_END, "End"},
    NamedKey{"enter", GLFW_KEY_ENTER, "Enter"},
    NamedKey{"escape", GLFW_KEY_ESCAPE, "Esc"},
    NamedKey{"tab", GLFW_KEY_TAB, "Tab"},
    NamedKey{"backspace", GLFW_KEY_BACKSPACE, "Backspace"},
    NamedKey{"delete", GLFW_KEY_DELETE, "Delete"},
    NamedKey{"pageup", GLFW_KEY_PAGE_UP, "Page up"},
    NamedKey{"pagedown", GLFW_KEY_PAGE_DOWN, "Page down"},
    NamedKey{"f1", GLFW_KEY_F1, "F1"},
    NamedKey{"f2", GLFW_KEY_F2, "F2"},
    NamedKey{"f12", GLFW_KEY_F12, "F12"},
    NamedKey{"kp+", GLFW_KEY_KP_ADD, "Keypad +"},
    NamedKey{"kp-", GLFW_KEY_KP_SUBTRACT, "Keypad -"},
};

std::vector<Shortcut> make_table() {
  std::vector<Shortcut> table;
  // One element after the other: compilers need very long for one great list of variants.
  const auto add = [&](std::vector<std::string> chords, const char* description, Action action,
                       bool repeats = false) {
    table.push_back({std::move(chords), description, std::move(action), repeats});
  };
  add({"space"}, "play or pause", TogglePlay{});
  add({"."}, "one step, then pause", StepOnce{}, true);
  add({"r"}, "restart with the same seed", Restart{});
  add({"n"}, "restart with a new seed", NewSeeds{});
  add({"s"}, "switch the attention now", SwitchAttention{false});
  add({"t"}, "switch the attention and keep a twin", SwitchAttention{true});
  add({"left"}, "back in time by one sample", ScrubBy{-1}, true);
  add({"right"}, "forward in time by one sample", ScrubBy{1}, true);
  add({"pageup"}, "back in time by ten samples", ScrubBy{-10}, true);
  add({"pagedown"}, "forward in time by ten samples", ScrubBy{10}, true);
  add({"shift+left"}, "to the event before", ScrubToEvent{-1}, true);
  add({"shift+right"}, "to the next event", ScrubToEvent{1}, true);
  add({"home"}, "to the first step", ScrubToStart{});
  add({"end"}, "to the last step", ScrubToEnd{});
  add({"l"}, "live: follow the newest step", GoLive{});
  add({"b"}, "branch from the step shown", BranchHere{});
  add({"shift+b"}, "branch with changes, from a checkpoint of your choice", ShowBranchDialog{});
  add({"w"}, "rewind every member to the step shown", RewindHere{});
  static constexpr std::array tabs = {"first tab", "second tab",  "third tab",  "fourth tab", "fifth tab",
                                      "sixth tab", "seventh tab", "eighth tab", "ninth tab"};
  for (int i = 0; i < static_cast<int>(tabs.size()); ++i)
    add({std::to_string(i + 1)}, tabs[static_cast<std::size_t>(i)], ShowTab{i});
  add({"x"}, "hold: the pinned member, or the one selected before", FlipMember{true});
  table.back().release = FlipMember{false};
  add({"f2"}, "rename the selected member", RenameMember{});
  add({"delete"}, "remove the selected member from the view", RemoveMember{});
  add({"ctrl+z"}, "undo: names, colours, remarks", Undo{}, true);
  add({"ctrl+y", "ctrl+shift+z"}, "do it again", Redo{}, true);
  add({"d"}, "light or dark theme", ToggleTheme{});
  add({"ctrl++", "ctrl+=", "ctrl+kp+"}, "larger text", ScaleFont{1.1f}, true);
  add({"ctrl+-", "ctrl+kp-"}, "smaller text", ScaleFont{1 / 1.1f}, true);
  add({"ctrl+0"}, "text in its usual size", ScaleFont{0});
  add({"ctrl+o"}, "open a study or a recording", ShowOpenDialog{});
  add({"ctrl+e"}, "export a figure", ShowExport{});
  add({"f12"}, "picture of the window", SaveScreenshot{});
  add({"shift+f12"}, "picture of the panel under the mouse", SaveScreenshot{true});
  add({"f1", "?"}, "this list", ToggleHelp{});
  add({"ctrl+q"}, "quit", Quit{});
  return table;
}

} // namespace

std::span<const Shortcut> shortcuts() {
  static const std::vector<Shortcut> table = make_table();
  return table;
}

namespace {

/// Without Shift, which changes nothing where the table does not name it.
std::string without_shift(std::string chord) {
  if (const auto at = chord.find("shift+"); at != std::string::npos) chord.erase(at, 6);
  return chord;
}

bool is_known(const std::string& chord) {
  return std::ranges::any_of(shortcuts(), [&](const Shortcut& shortcut) {
    return std::ranges::find(shortcut.chords, chord) != shortcut.chords.end();
  });
}

} // namespace

const Action* action_of(const KeyPress& press) {
  const std::string chord = is_known(press.chord) ? press.chord : without_shift(press.chord);
  for (const Shortcut& shortcut : shortcuts()) {
    if (std::ranges::find(shortcut.chords, chord) == shortcut.chords.end()) continue;
    if (press.released) return shortcut.release ? &*shortcut.release : nullptr;
    return press.repeated && !shortcut.repeats ? nullptr : &shortcut.action;
  }
  return nullptr;
}

std::string display_name(std::string_view chord) {
  std::string shown;
  for (const auto& [prefix, name] :
       {std::pair{"ctrl+", "Ctrl + "}, std::pair{"alt+", "Alt + "}, std::pair{"shift+", "Shift + "}})
    if (chord.starts_with(prefix)) {
      shown += name;
      chord.remove_prefix(std::string_view(prefix).size());
    }
  for (const NamedKey& key : named_keys)
    if (chord == key.name) return shown + key.shown;
  for (const char c : chord) shown += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return shown;
}

std::string chord_of(int glfw_key, int scancode, int modifiers) {
  std::string name;
  for (const NamedKey& key : named_keys)
    if (key.key == glfw_key) name = key.name;
  if (name.empty())
    if (const char* written = glfwGetKeyName(glfw_key, scancode)) name = written;
  if (name.empty()) return {};
  std::string chord;
  if (modifiers & GLFW_MOD_CONTROL) chord += "ctrl+";
  if (modifiers & GLFW_MOD_ALT) chord += "alt+";
  // Of signs Shift makes others, which are named themselves.
  const bool letter = name.size() == 1 && std::isalpha(static_cast<unsigned char>(name[0]));
  const bool named =
      std::ranges::any_of(named_keys, [&](const NamedKey& key) { return key.key == glfw_key; });
  if (modifiers & GLFW_MOD_SHIFT && (letter || named)) chord += "shift+";
  return chord + name;
}

} // namespace plateau::window
