// Internal: the models and data behind the cases.
#pragma once

#include <string>

#include "engine/bench/bench.h"
#include "engine/models/transformer_shape.h"

namespace plateau::bench {

struct TransformerCase {
  CaseInfo info;
  models::TransformerShape shape;
  std::int64_t batch = 0;
};
struct LinearCase {
  CaseInfo info;
  std::int64_t layers = 3, batch = 0, width = 0, context = 0;
};

/// Null where the case is none of this kind.
const TransformerCase* find_transformer_case(const std::string& name);
const LinearCase* find_linear_case(const std::string& name);

} // namespace plateau::bench
