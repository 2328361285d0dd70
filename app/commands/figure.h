// `plateau figure`: plots of a recording as PDF, SVG or PNG, their numbers as CSV, or moving pictures,
// without a display.
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
  std::vector<std::string> figures;  // names; at least one unless `list` or `recipe`
  std::string recipe;                // --recipe NAME|FILE in place of figures
  std::vector<std::string> members;  // --member NAME, repeatable: name or id; empty: all
  std::optional<std::int64_t> step;  // --step N: arrays at or before it, playhead
  std::string size;                  // --size WxH in mm, "" = the figure's own
  std::string theme;                 // --theme print|light|dark; "" = print, or as the recipe says
  std::optional<double> text;        // --text PT: of tick labels
  std::string out;                   // --out FILE.{pdf,svg,png,csv}; "" = <recording>-<figure>.pdf here
  bool force = false;                // --force: files that exist are replaced
  double smoothing = -1;             // --smoothing STEPS; 0 raw, negative: chosen by length
  bool log_x = false, log_y = false; // --log-x, --log-y
  std::string x_scale, y_scale;      // --x-scale, --y-scale linear|log|symlog; empty: by nature
  std::string seed_bands;            // --seed-bands[=range|quartiles]; empty: each seed alone
  std::string reference;             // --reference NAME: what differences are taken from
  bool no_events = false, no_remarks = false, no_guides = false, no_legend = false;
  int layer = 0, head = 0; // --layer N, --head N; 0: all

  // A picture for each of several steps: --out NAME-%04d.png, or FILE.apng for one that moves.
  std::optional<std::int64_t> from, to; // --from N, --to N; the whole run
  std::optional<int> frames;            // --frames K
  std::optional<double> rate;           // --rate FRAMES per second, of an .apng
  bool wants_frames() const;
};

/// Writes the figures and prints one line per file. Returns the exit code (0). Throws InputError, RunError.
int figure_command(const FigureArguments& arguments);

} // namespace plateau::commands
