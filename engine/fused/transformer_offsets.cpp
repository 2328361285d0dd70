#include "engine/fused/transformer_offsets.h"

namespace plateau::fused {

TransformerOffsets::TransformerOffsets(const models::TransformerShape& shape, std::int64_t size,
                                       const std::function<std::int64_t(const std::string&)>& begin_of)
    : size(size) {
  const auto linear = [&](const std::string& name, bool bias) {
    return Linear{begin_of(name + ".weight"), bias ? begin_of(name + ".bias") : none};
  };
  const auto layer_norm = [&](const std::string& name, bool present) {
    return present ? Norm{begin_of(name + ".weight"), begin_of(name + ".bias")} : Norm{};
  };
  embedding = linear("embedding", shape.vocabulary == 0);
  if (shape.class_token) class_token = begin_of("class_token");
  position = begin_of("position");
  for (std::int64_t i = 0; i < shape.depth; ++i) {
    const auto block = "block" + std::to_string(i + 1) + ".";
    blocks.push_back({layer_norm(block + "norm1", shape.attention_norm),
                      layer_norm(block + "norm2", shape.mlp_norm), linear(block + "qkv", false),
                      linear(block + "projection", shape.output_bias), linear(block + "expand", true),
                      linear(block + "contract", true)});
  }
  norm = layer_norm("norm", shape.final_norm);
  readout = linear("readout", shape.readout_bias);
}

} // namespace plateau::fused
