#include "engine/models/initialise.h"

#include <cmath>

namespace plateau::models {
namespace {

/// "LeCun": N(0, 1 / fan_in) cut off at two of its standard deviations. These are the uncut normal's; what is
/// left has 0.88 of them, and it is what the paper's norm of all parameters asks for.
void lecun(torch::Tensor& weight, at::Generator& generator) {
  const double tail = 0.5 * std::erfc(2 / std::sqrt(2.0)); // P(z < -2)
  const auto share = torch::empty(weight.sizes(), torch::kFloat64).uniform_(tail, 1 - tail, generator);
  const auto normal = torch::erfinv(2 * share - 1) * std::sqrt(2.0); // by the inverse distribution function
  weight.copy_(normal.clamp(-2, 2) / std::sqrt(double(weight.size(1))));
}

/// grokking.md 1.2.
void arithmetic(torch::Tensor& weight, Role role, const TransformerShape& shape, at::Generator& generator) {
  const double width = double(shape.width);
  switch (role) {
  case Role::Items:
  case Role::Tokens:
  case Role::Readout:
    weight.normal_(0, 1 / std::sqrt(width), generator);
    break;
  case Role::ClassToken:
  case Role::Positions:
    weight.normal_(0, 0.02, generator);
    break;
  case Role::QueriesKeysValues: { // Xavier uniform of the 3d x d matrix (Glorot & Bengio 2010)
    const double bound = std::sqrt(6 / (4 * width));
    weight.uniform_(-bound, bound, generator);
    break;
  }
  case Role::AttentionOutput:
  case Role::Expand:
  case Role::Contract:
    lecun(weight, generator);
    break;
  }
}

} // namespace

void initialise(torch::Tensor weight, Role role, const TransformerShape& shape, at::Generator& generator) {
  if (shape.initialisation == TransformerShape::Initialisation::Arithmetic)
    return arithmetic(weight, role, shape, generator);
  const bool output = role == Role::AttentionOutput || role == Role::Contract;
  const double std = role == Role::Tokens ? shape.token_std
                     : output             ? shape.init_std * shape.output_scale
                                          : shape.init_std;
  weight.normal_(0, std, generator);
}

} // namespace plateau::models
