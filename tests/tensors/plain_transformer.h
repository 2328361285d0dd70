// A transformer of one layer written down once more, straight from its formulas and from the parameters'
// names: what the module computes is held against it.
#pragma once

#include <map>

#include "engine/models/transformer.h"

namespace plateau::testing {

using Parameters = std::map<std::string, torch::Tensor>;

inline Parameters parameters_of(const models::Model& model) {
  Parameters list;
  for (const auto& item : model.named_parameters()) list[item.key()] = item.value().detach();
  return list;
}

/// gamma (x - mean) / sqrt(variance + epsilon) + beta.
inline torch::Tensor plain_norm(const Parameters& p, const std::string& name, const torch::Tensor& x,
                                const models::TransformerShape& shape) {
  const auto moved = x - x.mean(-1, true);
  const auto variance = moved.square().mean(-1, true);
  return moved / (variance + shape.epsilon).sqrt() * p.at(name + ".weight") + p.at(name + ".bias");
}

} // namespace plateau::testing
