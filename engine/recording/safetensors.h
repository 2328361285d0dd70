// Writes the safetensors format (8-byte header length, JSON header, little-endian data).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace plateau::recording {

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>> data; // F32 or I64
};

/// What has that name is replaced when the new one is whole. Throws InputError when the file cannot be
/// created, RunError when the disk is full.
void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

} // namespace plateau::recording
