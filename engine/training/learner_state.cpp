// A checkpoint's bytes in the safetensors layout: header length (8 bytes, little-endian), JSON header, data.
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/errors.h"
#include "engine/training/learner.h"

namespace plateau::training {
namespace {

static_assert(std::endian::native == std::endian::little, "the data are written as they lie in memory");

constexpr const char* format = "plateau-checkpoint-1";

} // namespace

std::vector<std::byte> pack(const LearnerState& state) {
  std::vector<std::pair<std::string, torch::Tensor>> tensors{{"parameters", state.values},
                                                             {"adam.first_moment", state.first_moment},
                                                             {"adam.second_moment", state.second_moment}};
  for (std::size_t i = 0; i < state.buffers.size(); ++i)
    tensors.emplace_back("buffer." + std::to_string(i), state.buffers[i]);
  if (state.slow_gradient.defined()) tensors.emplace_back("grokfast.mean", state.slow_gradient);
  nlohmann::json header;
  header["__metadata__"] = {{"format", format}, {"updates", std::to_string(state.updates)}};
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t bytes = std::size_t(tensor.numel()) * sizeof(float);
    header[name] = {
        {"dtype", "F32"}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::vector<std::byte> bytes(8 + text.size() + offset);
  const std::uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* target = bytes.data() + 8 + text.size();
  for (const auto& [name, tensor] : tensors) {
    const auto plain = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
    std::memcpy(target, plain.data_ptr<float>(), std::size_t(plain.numel()) * sizeof(float));
    target += std::size_t(plain.numel()) * sizeof(float);
  }
  return bytes;
}

LearnerState unpack(const std::vector<std::byte>& bytes) {
  const auto broken = [](const std::string& why) {
    return InputError("the checkpoint cannot be read: " + why);
  };
  std::uint64_t length = 0;
  if (bytes.size() < 8) throw broken("it is too short");
  std::memcpy(&length, bytes.data(), 8);
  if (length > bytes.size() - 8) throw broken("it is too short");
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + 8;
  const auto header = nlohmann::json::parse(text, text + length, nullptr, false);
  if (header.is_discarded() || !header.contains("__metadata__") ||
      header["__metadata__"].value("format", "") != format)
    throw broken("it was not written by this version of Plateau");
  const std::byte* data = bytes.data() + 8 + length;
  const std::size_t size = bytes.size() - 8 - length;
  const auto read = [&](const std::string& name) {
    const auto& entry = header.at(name);
    const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
    const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
    if (begin > end || end > size) throw broken("'" + name + "' lies outside of it");
    const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
    auto tensor = torch::empty(shape, torch::kFloat32);
    if (std::size_t(tensor.numel()) * sizeof(float) != end - begin)
      throw broken("'" + name + "' has a wrong size");
    std::memcpy(tensor.data_ptr<float>(), data + begin, end - begin);
    return tensor;
  };
  LearnerState state;
  state.values = read("parameters");
  state.first_moment = read("adam.first_moment");
  state.second_moment = read("adam.second_moment");
  state.updates = std::stoll(header["__metadata__"].value("updates", "0"));
  for (int i = 0; header.contains("buffer." + std::to_string(i)); ++i)
    state.buffers.push_back(read("buffer." + std::to_string(i)));
  if (header.contains("grokfast.mean")) state.slow_gradient = read("grokfast.mean");
  return state;
}

} // namespace plateau::training
