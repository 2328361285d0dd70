// Every figure by name, for `plateau figure`, `plateau list figures` and the export dialog.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/figures/options.h"
#include "widgets/canvas.h"
#include "widgets/file_canvas.h"

namespace plateau::figures {

/// What changes a figure, beside members, theme and size. Each is called as in a recipe.
enum Choice : unsigned {
  choose_step = 1,
  choose_smoothing = 2,
  choose_log_x = 4, // the scale of the step axis, symlog too
  choose_log_y = 8,
  choose_seed_bands = 16,
  choose_events = 32,
  choose_guides = 64,
  choose_legend = 128,
  choose_layer = 256,
  choose_head = 512,
  choose_x = 1024,
  choose_y = 2048,
  choose_reference = 4096,
  choose_remarks = 8192
};
struct ChoiceName {
  Choice choice;
  const char* key; // "log_x"
};
std::span<const ChoiceName> choice_names();

struct FigureInfo {
  std::string name;        // "loss"
  std::string title;       // "Loss"
  std::string description; // one sentence
  widgets::Size size_mm;   // by default
  /// Draws into `outer` (canvas units) on any canvas.
  void (*draw)(widgets::Canvas& canvas, const widgets::Rect& outer, const training::Snapshot& snapshot,
               const PlotOptions& options, const widgets::PlotStyle& style);
  /// Why this snapshot has nothing to draw for it, one line; empty when it has.
  std::string (*missing)(const training::Snapshot& snapshot, const PlotOptions& options);
  unsigned choices = 0; // those that it heeds
};

std::span<const FigureInfo> figures();
/// Throws InputError with the nearest names.
const FigureInfo& figure(std::string_view name);

/// Title and provenance (study, members with seeds, interventions, version) for the file's metadata.
widgets::Metadata metadata(const FigureInfo& info, const training::Snapshot& snapshot,
                           const PlotOptions& options);

/// A page of this figure alone (see compose.h). Throws InputError and RunError.
void write_figure(const FigureInfo& info, const training::Snapshot& snapshot, const PlotOptions& options,
                  widgets::Size size_mm, const std::string& path);

} // namespace plateau::figures
