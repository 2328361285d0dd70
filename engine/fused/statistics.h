// Internal: sums that probes need, in the widest vectors of the processor at hand.
#pragma once

#include <cstdint>

namespace plateau::fused {

/// y = ln max(|x|, 1e-30).
void logarithms(const float* x, std::int64_t count, float* y);

/// Of c = h - w, two states of the same tokens; h and w [rows, width].
struct ComponentSums {
  double weights_norm = 0, context_norm = 0; // |w|, |c|, summed over rows
  double cosine = 0;                         // cos(w, c), summed over rows
  double state_squares = 0;   // squared deviations of h from its channels' means, over rows and channels
  double context_squares = 0; // the same of c
};
ComponentSums component_sums(const float* h, const float* w, std::int64_t rows, std::int64_t width);

} // namespace plateau::fused
