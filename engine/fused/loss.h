// Internal: the loss of answers that are classes and its gradient by the logits, over rows of float32 logits.
#pragma once

#include <cstdint>

#include "engine/fused/kernels.h"

namespace plateau::fused {

enum class LossKind { CrossEntropy, StableMax, Squared };

/// L = mean over labelled rows of l(z, t) + extra_weight * mean over what is asked of the extra logits of
/// their cross entropy. A row's targets are t = (1 - smoothing) onehot + smoothing / classes, and
///   CrossEntropy  l = -Σ_c t_c ln softmax(z)_c
///   StableMax     l = -Σ_c t_c ln (s(z_c) / Σ_k s(z_k)),  s(x) = x + 1 for x >= 0, else 1 / (1 - x)
///                 (Prieto et al. 2025)
///   Squared       l = 1/classes Σ_c (z_c - t_c)²
/// The second loss is icl-plateaus.md 5.4's. training/loss.h has the same by autograd.
struct Loss {
  LossKind kind = LossKind::CrossEntropy;
  bool in_double = false; // computed in float64 from the float32 logits; else in float32
  double smoothing = 0;
  std::int64_t classes = 0; // that labels name, the first logits of a row; 0: all of them
  double extra_weight = 0;
  /// The logits that the second loss asks: groups of so many levels each, from this one of a row on.
  std::int64_t extra_begin = 0, extra_groups = 0, extra_levels = 0;
};

/// What the logits are held against. Arrays of all rows, by sample and output.
struct LossTargets {
  const std::int64_t* labels = nullptr; // [rows]; -1: not asked for
  const std::int64_t* extra = nullptr;  // [rows, extra_groups]; -1 likewise, also where there is no label
  const float* offsets = nullptr;       // [rows, logits], added to the logits first; null: none

  LossTargets from(const Loss& loss, std::int64_t row, std::int64_t logits) const {
    return {labels + row, extra ? extra + row * loss.extra_groups : nullptr,
            offsets ? offsets + row * logits : nullptr};
  }
};

/// Over how much the means run; at least 1.
struct LossCounts {
  double labels = 1, extra = 1;
};
LossCounts count_targets(const Loss& loss, const LossTargets& targets, std::int64_t rows);

/// Puts the gradient of the loss in the place of `logits` [rows, row_width]; `counts` are those of the whole
/// batch. What is returned is of the labels alone.
LossSums loss_gradient(const Loss& loss, const LossTargets& targets, const LossCounts& counts,
                       std::int64_t rows, std::int64_t row_width, float* logits);

} // namespace plateau::fused
