#include "engine/tasks/area_average.h"

#include <algorithm>

namespace plateau::tasks {
namespace {

/// Source pixels first .. first + weights.size() - 1 overlap one cell, by `weights` in units of 1/cell pixel.
struct Overlap {
  std::int64_t first = 0;
  std::vector<std::int32_t> weights; // sum: source
};

std::vector<Overlap> overlaps(std::int64_t source, std::int64_t cell) {
  std::vector<Overlap> result(static_cast<std::size_t>(cell));
  for (std::int64_t i = 0; i < cell; ++i) {
    // In units of 1/cell pixel the cell covers [i * source, (i + 1) * source), source pixel s [s * cell,
    // ...).
    const std::int64_t begin = i * source, end = begin + source;
    Overlap& overlap = result[static_cast<std::size_t>(i)];
    overlap.first = begin / cell;
    for (std::int64_t s = overlap.first; s * cell < end; ++s)
      overlap.weights.push_back(
          static_cast<std::int32_t>(std::min(end, (s + 1) * cell) - std::max(begin, s * cell)));
  }
  return result;
}

} // namespace

std::vector<float> area_average(std::span<const std::uint8_t> images, std::int64_t source,
                                std::int64_t cell) {
  const std::vector<Overlap> cells = overlaps(source, cell);
  const std::size_t count = images.size() / static_cast<std::size_t>(source * source);
  const float scale = static_cast<float>(source * source * 255);
  std::vector<float> result(count * static_cast<std::size_t>(cell * cell));
  std::vector<std::int32_t> rows(static_cast<std::size_t>(source * cell)); // averaged along x only
  float* out = result.data();
  for (std::size_t image = 0; image < count; ++image) {
    const std::uint8_t* in = images.data() + image * static_cast<std::size_t>(source * source);
    std::int32_t* row = rows.data();
    for (std::int64_t y = 0; y < source; ++y, in += source)
      for (const Overlap& overlap : cells) {
        std::int32_t sum = 0;
        const std::uint8_t* pixel = in + overlap.first;
        for (const std::int32_t weight : overlap.weights) sum += weight * *pixel++;
        *row++ = sum;
      }
    for (const Overlap& overlap : cells)
      for (std::int64_t x = 0; x < cell; ++x) {
        std::int32_t sum = 0;
        const std::int32_t* pixel = rows.data() + overlap.first * cell + x;
        for (const std::int32_t weight : overlap.weights) {
          sum += weight * *pixel;
          pixel += cell;
        }
        *out++ = static_cast<float>(sum) / scale;
      }
  }
  return result;
}

} // namespace plateau::tasks
