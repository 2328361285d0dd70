// Moving figures: an animated PNG (APNG), which browsers and slides play without any player.
#pragma once

#include <filesystem>
#include <memory>

#include "widgets/file_canvas.h"

namespace plateau::widgets {

/// Where `frame` differs from `before`, in pixels: x, y, width, height; of equal ones the first pixel. Both
/// have one size.
struct PixelRect {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const PixelRect&) const = default;
};
PixelRect changed_part(const Image& before, const Image& frame);

class Animation {
public:
  /// `size` in points; exactly `frames` frames (at least 1) are to come, each shown for `seconds`; it repeats
  /// for ever. Pages must be opaque. Throws FileError.
  Animation(const std::filesystem::path& path, Size size, const Metadata& metadata, int frames,
            double seconds, float pixels_per_point);
  ~Animation();

  /// The canvas of the next frame; its finish() adds the frame.
  std::unique_ptr<FileCanvas> next_frame();
  /// Once all frames are there: the file appears. Throws FileError.
  void finish();

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

} // namespace plateau::widgets
