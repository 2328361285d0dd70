#include "engine/recording/compression.h"

#include <bit>

#include <zstd.h>

#include "engine/errors.h"
#include "engine/recording/schema.h"

namespace plateau::recording {

static_assert(std::endian::native == std::endian::little, "recordings hold little-endian numbers");

namespace {

constexpr int level = 3;                                // zstd's own default
constexpr std::int64_t largest = std::int64_t(1) << 31; // elements; SQLite's limit of a blob is lower

std::int64_t elements(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const auto extent : shape) {
    if (extent < 0 || (extent > 0 && count > largest / extent)) throw MalformedEntry("impossible shape");
    count *= extent;
  }
  return count;
}

} // namespace

std::vector<std::byte> compress(std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  std::vector<std::byte> packed(ZSTD_compressBound(bytes.size()));
  const auto size = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
  if (ZSTD_isError(size))
    throw RunError(std::string("arrays can not be compressed: ") + ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

training::Tensor decompress(std::span<const std::byte> bytes, std::vector<std::int64_t> shape) {
  const auto count = static_cast<std::size_t>(elements(shape));
  // Asked first, so that a wrong shape can not make us allocate without bound.
  if (ZSTD_getFrameContentSize(bytes.data(), bytes.size()) != count * sizeof(float))
    throw MalformedEntry("an array does not fit its shape");
  training::Tensor tensor{std::move(shape), std::vector<float>(count)};
  const auto size = ZSTD_decompress(tensor.data.data(), count * sizeof(float), bytes.data(), bytes.size());
  if (size != count * sizeof(float)) throw MalformedEntry("a damaged array");
  return tensor;
}

} // namespace plateau::recording
