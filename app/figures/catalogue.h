// Every figure by name, for `plateau figure`, `plateau list figures` and the export dialog.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/figures/options.h"
#include "widgets/canvas.h"
#include "widgets/file_canvas.h"

namespace plateau::figures {

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
};

std::span<const FigureInfo> figures();
/// Throws InputError with the nearest names.
const FigureInfo& figure(std::string_view name);

/// Title and provenance (study, members with seeds, interventions, version) for the file's metadata.
widgets::Metadata metadata(const FigureInfo& info, const training::Snapshot& snapshot,
                           const PlotOptions& options);

/// Draws on the page colour of the theme and writes the file. Throws InputError and RunError.
void write_figure(const FigureInfo& info, const training::Snapshot& snapshot, const PlotOptions& options,
                  widgets::Size size_mm, const std::string& path);

} // namespace plateau::figures
