#include "app/window/token_weights.h"

#include <algorithm>
#include <cmath>

namespace plateau::window {
namespace {

/// The [queries, keys] map, or null.
const float* find_map(const training::TensorFrame& frame, int sample, int layer, int head,
                      std::int64_t& queries, std::int64_t& keys) {
  const auto found = frame.tensors.find(sample < 0 ? "attention/mean" : "attention/maps");
  if (found == frame.tensors.end()) return nullptr;
  const training::Tensor& tensor = *found->second; // [(samples,) layers, heads, queries, keys]
  const std::size_t skip = sample < 0 ? 0 : 1;
  if (tensor.shape.size() != skip + 4) return nullptr;
  if (skip && sample >= tensor.shape[0]) return nullptr;
  const auto layers = tensor.shape[skip], heads = tensor.shape[skip + 1];
  queries = tensor.shape[skip + 2];
  keys = tensor.shape[skip + 3];
  if (layer < 0 || layer >= layers || head < 0 || head >= heads) return nullptr;
  const std::int64_t index = ((skip ? sample : 0) * layers + layer) * heads + head;
  return tensor.data.data() + index * queries * keys;
}

} // namespace

std::vector<float> token_weights(const training::TensorFrame& frame, int sample, int layer, int head,
                                 TokenMeasure measure, int query) {
  std::int64_t queries = 0, keys = 0;
  const float* map = find_map(frame, sample, layer, head, queries, keys);
  if (!map || query < 0 || query >= queries) return {};
  if (measure == TokenMeasure::FromQuery) return {map + query * keys, map + (query + 1) * keys};
  std::vector<float> received(static_cast<std::size_t>(keys));
  for (std::int64_t q = 0; q < queries; ++q)
    for (std::int64_t k = 0; k < keys; ++k)
      received[static_cast<std::size_t>(k)] += map[q * keys + k] / static_cast<float>(queries);
  return received;
}

widgets::ImagePtr patch_veil(const std::vector<float>& weights, const training::TokenLayout& tokens) {
  constexpr float darkest = 0.78f;
  const std::size_t first = tokens.class_token ? 1 : 0;
  const auto patches = static_cast<std::size_t>(tokens.rows * tokens.columns);
  if (patches == 0 || weights.size() != first + patches) return nullptr;
  const float largest =
      *std::max_element(weights.begin() + static_cast<std::ptrdiff_t>(first), weights.end());
  std::vector<std::uint8_t> pixels(patches * 4);
  for (std::size_t i = 0; i < patches; ++i) {
    const float share = largest > 0 ? std::clamp(weights[first + i] / largest, 0.f, 1.f) : 0;
    pixels[i * 4 + 3] = static_cast<std::uint8_t>(std::lround(darkest * (1 - share) * 255));
  }
  return std::make_shared<widgets::Image>(tokens.columns, tokens.rows, std::move(pixels));
}

} // namespace plateau::window
