// Internal: how a layer reads values with its weights: their mean, or LASER (laser.md B1).
#pragma once

#include "engine/attention/variant.h"

namespace plateau::attention {

/// Values read as layer.settings->laser says, [B, H, N, d_k]. Every form of LASER gives 0 for a row whose
/// weights are all 0, and never takes the logarithm of 0.
torch::Tensor read(const torch::Tensor& weights, const Layer& layer);

/// ln sum_j a_j exp(v_j) per row and channel through the largest v of each channel (log-weighted-sum-exp).
torch::Tensor log_mean_exp(const torch::Tensor& weights, const torch::Tensor& v,
                           ReadCounts* counts = nullptr);
/// The same as a log-sum-exp over pairs, [B, H, N, N, d_k] large: the reference, and safe where a channel's
/// values lie further apart than exponentials reach.
torch::Tensor exact_log_mean_exp(const torch::Tensor& weights, const torch::Tensor& v);

} // namespace plateau::attention
