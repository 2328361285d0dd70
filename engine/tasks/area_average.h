// Down-sampling of grey images by exact area averages.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plateau::tasks {

/// Averages each image [source, source] of 0..255 over cells that divide it evenly into [cell, cell], pixels
/// on a border counted by their share of area. Returns [count, cell, cell], values 0..1. The sums are
/// integers: the only rounding is the last division's. Needs 1 <= cell <= source.
std::vector<float> area_average(std::span<const std::uint8_t> images, std::int64_t source, std::int64_t cell);

} // namespace plateau::tasks
