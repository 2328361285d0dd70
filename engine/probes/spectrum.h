// Internal: how many directions states use, from the eigenvalues lambda of Z = X^T X (grokking.md 1.6,
// icl-plateaus.md 7.4).
#pragma once

#include <torch/types.h>

#include <span>
#include <vector>

namespace plateau::probes {

/// Eigenvalues of X^T X, descending, in float64; rounding below 0 is 0. X [n, d], on any device. NaN where X
/// is not finite.
std::vector<double> spectrum(const torch::Tensor& rows);
/// exp(-sum p_i ln p_i), p_i = lambda_i / sum lambda (Roy & Vetterli 2007); 0 of zeros.
double effective_rank(std::span<const double> spectrum);
/// |Z|_F / |Z|_2 = sqrt(sum lambda^2) / lambda_1; 0 of zeros.
double stable_rank(std::span<const double> spectrum);

} // namespace plateau::probes
