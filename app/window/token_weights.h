// Attention as one number per token, to lay over the input.
#pragma once

#include <optional>
#include <vector>

#include "engine/training/snapshot.h"
#include "widgets/image.h"

namespace plateau::window {

enum class TokenMeasure {
  FromQuery, // a_qj: where query q looks
  Received,  // mean over queries of a_ij: how much token j is looked at
};

/// [tokens], of one layer and head (0-based) of the sample, or of the mean over samples (sample < 0).
/// Empty when the frame has no such map.
std::vector<float> token_weights(const training::TensorFrame& frame, int sample, int layer, int head,
                                 TokenMeasure measure, int query);

/// A veil over the input, one pixel per patch [rows, columns]: clear on the patch with the largest weight,
/// nearly black on patches without any. Null when weights and layout do not fit together.
widgets::ImagePtr patch_veil(const std::vector<float>& weights, const training::TokenLayout& tokens);

} // namespace plateau::window
