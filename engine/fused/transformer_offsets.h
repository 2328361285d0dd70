// Internal: where each parameter of a transformer begins in its flat buffer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/models/transformer_shape.h"

namespace plateau::fused {

struct TransformerOffsets {
  static constexpr std::int64_t none = -1;
  struct Norm {
    std::int64_t gain = none, bias = none;
  };
  struct Linear {
    std::int64_t weight = none, bias = none; // [out, in], [out]
  };
  struct Block {
    Norm norm1, norm2, norm1_after, norm2_after;
    Linear qkv, projection, expand, contract;
  };
  Linear embedding; // a table without bias, or the patches' projection
  Linear items;     // of pairs
  std::int64_t class_token = none, position = none;
  std::vector<Block> blocks;
  Norm norm;
  Linear readout;
  std::int64_t size = 0; // of the whole buffer

  /// `begin_of` says where a parameter of this name begins ("block1.qkv.weight").
  TransformerOffsets(const models::TransformerShape& shape, std::int64_t size,
                     const std::function<std::int64_t(const std::string&)>& begin_of);
};

} // namespace plateau::fused
