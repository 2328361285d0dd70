// A script for the window: one command a line, "#" begins a comment, "..." keeps spaces together.
//
//   click ITEM | hover ITEM | wheel ITEM NOTCHES     with the mouse, in the middle of an item
//   click-at ITEM X Y                                at a fraction of its width and height
//   drag ITEM X                                      press in its middle, release at X of its width (0..1)
//   drag-by ITEM DX DY                               likewise, by pixels
//   select ITEM VALUE                                open a combo and click an entry
//   type ITEM TEXT                                   click, replace what stands there, Enter
//   double-click ITEM | right-click ITEM | ctrl-click ITEM
//   key CHORD                                        "space", "ctrl+o": as in the list of shortcuts
//   hold CHORD | release CHORD                       the key goes down, goes up
//   tab NAME | theme light|dark | resize WIDTH HEIGHT
//   wait-step N | wait-state STATE | wait-event KIND | wait-members N | wait-item ITEM
//   wait-text READING TEXT                           until a reading contains TEXT
//   timeout SECONDS                                  for the waits that follow; 120 at first
//   frames N | sleep SECONDS
//   expect-state STATE | expect-members N | expect-step N | expect-item ITEM | expect-no-item ITEM
//   expect-text READING TEXT
//   screenshot FILE.png | list-items | quit
//   keep-workspace                                   anywhere in it: as a person's window, this one offers
//   what
//                                                    was open last, and keeps what is open for the next start
//
// Items are named by what they are ("pause", "timeline", "attention-variant", "switch-and-keep-twin",
// "tab-saturation", "member-0"); `list-items` prints those on the screen, and the readings.
// Waits that are not fulfilled in time and expectations that fail end the window with exit code 1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace plateau::window {

struct ScriptCommand {
  int line = 0;
  std::string name;
  std::vector<std::string> arguments;
};

struct Script {
  std::string source; // for messages
  std::vector<ScriptCommand> commands;
};

/// Throws InputError that names source and line: unknown command, wrong number of arguments, no number where
/// one is wanted.
Script parse_script(const std::string& text, const std::string& source);
bool keeps_workspace(const Script& script);
Script load_script(const std::filesystem::path& file);

} // namespace plateau::window
