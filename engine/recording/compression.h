// Arrays of floats as compressed blobs: little-endian float32, zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/training/snapshot.h"

namespace plateau::recording {

std::vector<std::byte> compress(std::span<const float> values);

/// Throws MalformedEntry when the bytes are damaged or do not fill `shape` exactly.
training::Tensor decompress(std::span<const std::byte> bytes, std::vector<std::int64_t> shape);

} // namespace plateau::recording
