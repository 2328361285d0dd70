// Internal: what most variants are made of, with hidden entries (causal or any other mask) left out.
#pragma once

#include "engine/attention/variant.h"

namespace plateau::attention {

/// Scores of what is hidden: small enough that its exponential is 0, finite so that a row of which nothing
/// is visible has no NaN in it or in its gradient.
inline constexpr double hidden_score = -1e30;

/// z with hidden_score where nothing is visible.
torch::Tensor hide_scores(const torch::Tensor& z, const torch::Tensor& visible);
/// a with 0 there.
torch::Tensor hide_weights(const torch::Tensor& a, const torch::Tensor& visible);
/// exp(z_j) / sum over visible; a row of which nothing is visible is 0.
torch::Tensor masked_softmax(const torch::Tensor& z, const torch::Tensor& visible);
/// masked_softmax(scores / tau): the weights of softmax and of all that change something else.
torch::Tensor softmax_weights(const torch::Tensor& scores, const Layer& layer);
/// Their row and its Jacobian.
std::vector<double> softmax_weights_row(const Row& row);
std::vector<double> softmax_weights_jacobian(const Row& row);
/// Visible keys of each row, at least 1; broadcasts to [B, H, N, N].
torch::Tensor visible_counts(const torch::Tensor& scores, const torch::Tensor& visible);

} // namespace plateau::attention
