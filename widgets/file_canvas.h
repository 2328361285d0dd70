// Canvases that end up in a file: PDF and PNG through Cairo, SVG with text that stays text, and the numbers
// behind a figure as CSV.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "widgets/canvas.h"

namespace plateau::widgets {

/// A figure's file cannot be made: one line, with the path.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where a figure came from; ends up in the file's own metadata.
struct Metadata {
  std::string title;
  std::string provenance; // study, members, seeds, interventions, versions
};

class FileCanvas : public Canvas {
public:
  /// In points.
  virtual Size size() const = 0;
  /// Writes the file. Throws FileError when that fails (full disk).
  virtual void finish() = 0;
  float resolution() const override { return 0.25f; }
};

/// File types by suffix: {".pdf", ".svg", ".png"}.
std::vector<std::string> figure_suffixes();

/// A canvas for `path` by its suffix, `size` in points; the file appears (whole) at finish(). ".csv" gives a
/// table in place of a picture: plot, series, x, y, z of every point and cell that would be drawn.
/// `pixels_per_point` matters to PNG only (300 dpi by default).
/// Throws FileError for another suffix, a place that cannot be written, or when the fonts are missing.
std::unique_ptr<FileCanvas> open_figure_file(const std::filesystem::path& path, Size size,
                                             const Metadata& metadata, float pixels_per_point = 300.f / 72);

constexpr float points_per_mm = 72 / 25.4f;

} // namespace plateau::widgets
