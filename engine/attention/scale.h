// Internal: what scales a row of scores.
#pragma once

namespace plateau::attention {

/// tau = temperature x sqrt(d_k), and sqrt(d_k) itself.
struct Scale {
  double tau = 1;
  double sqrt_dk = 1;
};

/// NormSoftmax divides by no less than this: a row of equal scores has no spread, and uniform weights
/// whatever it is divided by.
inline constexpr double smallest_spread = 1e-12;

} // namespace plateau::attention
