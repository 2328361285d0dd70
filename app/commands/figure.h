// `plateau figure`: plots of a recording as PDF, SVG or PNG, without a display.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plateau::commands {

struct FigureArguments {
  bool list = false; // --list; with `json` one JSON array
  bool json = false;
  std::string recording;
  std::vector<std::string> figures;  // names; at least one unless `list`
  std::vector<std::string> members;  // --member NAME, repeatable: name or id; empty: all
  std::optional<std::int64_t> step;  // --step N: arrays at or before it, playhead
  std::string size;                  // --size WxH in mm, "" = the figure's own
  std::string theme = "print";       // --theme print|light|dark
  std::string out;                   // --out FILE.{pdf,svg,png}; "" = <recording>-<figure>.pdf here
  double smoothing = -1;             // --smoothing STEPS; 0 raw, negative: chosen by length
  bool log_x = false, log_y = false; // --log-x, --log-y
  std::string seed_bands;            // --seed-bands[=range|quartiles]; empty: each seed alone
  std::string reference;             // --reference NAME: what differences are taken from
};

/// Writes the figures and prints one line per file. Returns the exit code (0). Throws InputError, RunError.
int figure_command(const FigureArguments& arguments);

} // namespace plateau::commands
