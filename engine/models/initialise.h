// Internal: a transformer's weights before training.
#pragma once

#include <torch/types.h>

#include "engine/models/transformer_shape.h"

namespace plateau::models {

/// What a weight does, which decides what it starts with.
enum class Role {
  Items,
  Tokens,
  ClassToken,
  Positions,
  QueriesKeysValues,
  AttentionOutput,
  Expand,
  Contract,
  Readout
};

/// Fills `weight`, a matrix [out, in] where it is a map. Items and class token of an Arithmetic model start
/// as the tokens' and the positions'.
void initialise(torch::Tensor weight, Role role, const TransformerShape& shape, at::Generator& generator);

} // namespace plateau::models
