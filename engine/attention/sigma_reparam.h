// Internal: spectral reparametrisation of a linear map (Zhai et al. 2023, sigmaReparam).
#pragma once

#include <torch/types.h>

namespace plateau::attention {

/// Largest singular value of `weight` [out, in] and its left vector [out], by power iteration to convergence.
std::pair<double, torch::Tensor> largest_singular(const torch::Tensor& weight);

/// gamma W / sigma, sigma = u^T W v with v = W^T u / |W^T u|. `u` [out] first takes one step of the power
/// iteration where `update` says so. Gradient flows through W, not through u and v.
torch::Tensor reparametrised(const torch::Tensor& weight, const torch::Tensor& gamma, const torch::Tensor& u,
                             bool update);

} // namespace plateau::attention
