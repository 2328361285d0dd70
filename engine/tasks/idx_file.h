// Reads the idx files of MNIST and Fashion-MNIST (format: yann.lecun.com/exdb/mnist), plain or gzip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace plateau::tasks {

struct IdxImages {
  std::int64_t count = 0, rows = 0, columns = 0;
  std::vector<std::uint8_t> pixels; // [count, rows, columns]
};

/// Throws InputError that names the file: missing, not an idx file of images, truncated, too long.
IdxImages read_idx_images(const std::filesystem::path& path);

/// One label per item. Throws InputError as above.
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path);

} // namespace plateau::tasks
