// Writes NumPy's .npz format: a zip file of arrays in the .npy format, which numpy.load reads by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/recording/fresh_file.h"
#include "engine/training/series.h"

namespace plateau::recording {

/// Arrays go into the file one after the other: none but the one at hand is in memory.
class NpzFile {
public:
  /// What has that name is replaced by close(). Throws InputError when the file cannot be made.
  explicit NpzFile(std::filesystem::path path);
  ~NpzFile(); // nothing stays of a file that was not closed
  NpzFile(const NpzFile&) = delete;
  NpzFile& operator=(const NpzFile&) = delete;

  // Each name once. Throw RunError when the disk is full.
  void add(const std::string& name, const training::Series& curve); // structured: step int64, value float64
  void add(const std::string& name, std::span<const float> values, const std::vector<std::int64_t>& shape);
  void add(const std::string& name, std::int64_t value);    // of no dimension
  void add(const std::string& name, std::string_view text); // UTF-8 bytes, of no dimension

  void close(); // throws RunError

private:
  void begin(const std::string& name, std::string_view type, const std::vector<std::int64_t>& shape);
  void write(const void* bytes, std::size_t size);
  void end();
  void check(int code) const;

  FreshFile file_;
  void* zip_ = nullptr;
};

} // namespace plateau::recording
