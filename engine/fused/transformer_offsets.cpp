#include "engine/fused/transformer_offsets.h"

namespace plateau::fused {

TransformerOffsets::TransformerOffsets(const models::TransformerShape& shape, std::int64_t size,
                                       const std::function<std::int64_t(const std::string&)>& begin_of)
    : size(size) {
  const auto linear = [&](const std::string& name, bool bias) {
    return Linear{begin_of(name + ".weight"), bias ? begin_of(name + ".bias") : none};
  };
  const bool biased = shape.norm_kind == models::TransformerShape::NormKind::Layer;
  const bool peri = shape.placement == models::TransformerShape::Placement::Peri, mlp = shape.hidden > 0;
  const auto norm_at = [&](const std::string& name, bool present) {
    return present ? Norm{begin_of(name + ".weight"), biased ? begin_of(name + ".bias") : none} : Norm{};
  };
  embedding = linear("embedding", shape.has_images());
  if (shape.has_items()) items = linear("items", true);
  if (shape.class_token) class_token = begin_of("class_token");
  position = begin_of("position");
  for (std::int64_t i = 0; i < shape.depth; ++i) {
    const auto block = "block" + std::to_string(i + 1) + ".";
    blocks.push_back(
        {norm_at(block + "norm1", shape.attention_norm), norm_at(block + "norm2", shape.mlp_norm),
         norm_at(block + "norm1_after", peri && shape.attention_norm),
         norm_at(block + "norm2_after", peri && shape.mlp_norm), linear(block + "qkv", false),
         linear(block + "projection", shape.output_bias), mlp ? linear(block + "expand", true) : Linear{},
         mlp ? linear(block + "contract", true) : Linear{}});
  }
  norm = norm_at("norm", shape.final_norm);
  readout = linear("readout", shape.readout_bias);
}

} // namespace plateau::fused
