// Internal: one attention variant, everything about it in one place. A new variant is one file that defines
// a Variant, and one line in catalogue.cpp.
#pragma once

#include <torch/types.h>

#include <vector>

#include "engine/attention/catalogue.h"
#include "engine/attention/scale.h"

namespace plateau::attention {

struct Variant {
  VariantInfo info;
  /// Weights [B, H, N, N] of raw scores l = q k^T [B, H, N, N]; differentiable.
  torch::Tensor (*weights)(const torch::Tensor& scores, Scale scale);
  /// The same for one row, in float64 and without LibTorch, and its Jacobian da_i/dl_j, row-major.
  std::vector<double> (*row)(std::span<const double> scores, Scale scale);
  std::vector<double> (*jacobian)(std::span<const double> scores, Scale scale);
};

/// Throws InputError with the nearest names.
const Variant& find_variant(std::string_view name);

extern const Variant softmax;
extern const Variant norm_softmax;
extern const Variant norm_softmax_std;

/// softmax(scores / tau) and (diag(a) - a a^T) / tau: the core of most variants.
std::vector<double> softmax_row(std::span<const double> scores, double tau);
std::vector<double> softmax_jacobian(std::span<const double> weights, double tau);

} // namespace plateau::attention
