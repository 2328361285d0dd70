#include "engine/recording/safetensors.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fstream>
#include <set>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/errors.h"
#include "engine/recording/fresh_file.h"

namespace plateau::recording {

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian numbers");

namespace {

std::span<const char> bytes_of(const NamedTensor& tensor) {
  return std::visit(
      [](const auto& data) {
        const auto bytes = std::as_bytes(std::span(data));
        return std::span(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      },
      tensor.data);
}

bool is_integer(const NamedTensor& tensor) {
  return tensor.data.index() == 1;
}

void check(const std::vector<NamedTensor>& tensors) {
  std::set<std::string> names{"__metadata__"}; // the format keeps this one for itself
  for (const auto& tensor : tensors) {
    if (!names.insert(tensor.name).second)
      throw RunError(fmt::format("the name '{}' can not stand in a safetensors file twice", tensor.name));
    std::int64_t elements = 1;
    for (const auto extent : tensor.shape) elements *= extent;
    const auto held = std::visit([](const auto& data) { return data.size(); }, tensor.data);
    if (static_cast<std::size_t>(elements) != held)
      throw RunError(fmt::format("tensor '{}' holds {} numbers, its shape {}", tensor.name, held, elements));
  }
}

/// The JSON header, filled up with spaces so that the data begin on a multiple of 8 bytes.
std::string header_of(const std::vector<const NamedTensor*>& order,
                      const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto* tensor : order) {
    const auto end = offset + bytes_of(*tensor).size();
    header[tensor->name] = {{"dtype", is_integer(*tensor) ? "I64" : "F32"},
                            {"shape", tensor->shape},
                            {"data_offsets", nlohmann::json::array({offset, end})}};
    offset = end;
  }
  auto text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

} // namespace

void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  check(tensors);
  // Eight-byte numbers first, so that every tensor is aligned to its own size.
  std::vector<const NamedTensor*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::stable_partition(order.begin(), order.end(), [](const auto* tensor) { return is_integer(*tensor); });
  const auto header = header_of(order, metadata);

  FreshFile fresh(path);
  errno = 0;
  std::ofstream file(fresh.path(), std::ios::binary | std::ios::trunc);
  if (!file) fresh.fail_to_open();
  const std::uint64_t header_size = header.size();
  file.write(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const auto* tensor : order) {
    const auto bytes = bytes_of(*tensor);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  file.close();
  if (!file) fresh.fail_to_write();
  fresh.keep();
}

} // namespace plateau::recording
