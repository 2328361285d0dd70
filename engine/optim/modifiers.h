// Internal: what is done to the gradient between its measurement and the update, and to the weights after it,
// to make grokking come sooner or not at all (grokking.md 3.4, 3.6, 3.7). Everything stays on its device.
#pragma once

#include <torch/types.h>

#include "engine/optim/parameter_buffer.h"

namespace plateau::optim {

/// Of each tensor w with gradient g: g <- (g - <w, g> w / <w, w>) at the length |g| (Prieto et al. 2025,
/// ⊥Grad). Where w is 0 the gradient stays; where nothing but rounding is left across w it becomes 0.
void keep_perpendicular(ParameterBuffer& parameters);

/// mu <- memory mu + (1 - memory) g;  g <- g + gain mu (Lee et al. 2024, algorithm 1 of Grokfast-EMA). An
/// undefined `slow` starts as g itself, as in the authors' code.
void add_slow_gradient(torch::Tensor& slow, torch::Tensor gradients, double memory, double gain);

/// |values|, float64, of all parameters together.
torch::Tensor total_norm(const torch::Tensor& values);
/// values <- values norm / |values| (Liu et al. 2023). Weights that are all 0 stay.
void restore_norm(torch::Tensor values, const torch::Tensor& norm);

/// Of one update from `before` to `after` [P]; float64 throughout.
struct UpdateNorms {
  double update = 0;         // |after - before|
  double gradient = 0;       // |g|
  double decay_share = 0;    // |D| / |after - before + D|, D the part that weight decay took; NaN for 0 / 0
  double scaling_cosine = 0; // cos(-g, before): 1 where the gradient only scales the weights up
};
/// `gradient` is the raw one; `decay_per_step` acts where `decay` [P] is 1.
UpdateNorms update_norms(const torch::Tensor& before, const torch::Tensor& after,
                         const torch::Tensor& gradient, const torch::Tensor& decay, double decay_per_step);

} // namespace plateau::optim
