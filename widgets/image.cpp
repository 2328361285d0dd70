#include "widgets/image.h"

#include <algorithm>
#include <cmath>

namespace plateau::widgets {

Image::Image(int width, int height, std::vector<std::uint8_t> rgba)
    : width_(width), height_(height), rgba_(std::move(rgba)) {
  // FNV-1a over 64 bits.
  std::uint64_t hash = 14695981039346656037ull;
  const auto add = [&](std::uint64_t byte) { hash = (hash ^ byte) * 1099511628211ull; };
  add(std::uint64_t(width));
  add(std::uint64_t(height));
  for (const auto byte : rgba_) add(byte);
  key_ = hash;
}

Image Image::part(const Rect& rect) const {
  const auto bound = [](float value, int low, int high) {
    return std::clamp(static_cast<int>(std::lround(value)), low, high);
  };
  const int left = bound(rect.x, 0, width_ - 1), right = bound(rect.right(), left + 1, width_);
  const int top = bound(rect.y, 0, height_ - 1), bottom = bound(rect.bottom(), top + 1, height_);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(std::size_t(right - left) * std::size_t(bottom - top) * 4);
  for (int y = top; y < bottom; ++y) {
    const auto row = rgba_.begin() + (std::ptrdiff_t(y) * width_ + left) * 4;
    pixels.insert(pixels.end(), row, row + std::ptrdiff_t(right - left) * 4);
  }
  return {right - left, bottom - top, std::move(pixels)};
}

ImagePtr image_from_planes(std::span<const float> planes, int channels, int height, int width) {
  const std::size_t plane = std::size_t(height) * width;
  std::vector<std::uint8_t> rgba(plane * 4, 255);
  for (std::size_t i = 0; i < plane; ++i)
    for (int c = 0; c < 3; ++c) {
      const float value = planes[(channels >= 3 ? c * plane : 0) + i];
      const float clamped = std::isfinite(value) ? std::clamp(value, 0.f, 1.f) : 0.f;
      rgba[4 * i + c] = std::uint8_t(std::lround(clamped * 255));
    }
  return std::make_shared<Image>(width, height, std::move(rgba));
}

} // namespace plateau::widgets
