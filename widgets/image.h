// A small picture in memory: heat maps, samples of a task.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "widgets/geometry.h"

namespace plateau::widgets {

/// Immutable pixels, top row first, four bytes R G B A each (straight alpha).
class Image {
public:
  Image(int width, int height, std::vector<std::uint8_t> rgba);
  int width() const { return width_; }
  int height() const { return height_; }
  std::span<const std::uint8_t> rgba() const { return rgba_; }
  /// What of it lies in `rect`, in pixels; at least one.
  Image part(const Rect& rect) const;
  /// Hash of size and pixels: equal pictures share one texture, so nothing is uploaded twice.
  std::uint64_t key() const { return key_; }

private:
  int width_, height_;
  std::vector<std::uint8_t> rgba_;
  std::uint64_t key_;
};

using ImagePtr = std::shared_ptr<const Image>;

/// From planes [channels, height, width] with values 0..1 (clamped); one channel is drawn as grey.
ImagePtr image_from_planes(std::span<const float> planes, int channels, int height, int width);

} // namespace plateau::widgets
