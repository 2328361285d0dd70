// Internal: rows and Jacobians in float64 that several variants share. No LibTorch.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace plateau::attention {

/// softmax(scores / tau) and (diag(a) - a a^T) / tau.
std::vector<double> softmax_row(std::span<const double> scores, double tau);
std::vector<double> softmax_jacobian(std::span<const double> weights, double tau);

/// f(l_j) for each j, and the Jacobian of weights that depend on their own score alone.
std::vector<double> each(std::span<const double> scores, const std::function<double(double)>& f);
std::vector<double> diagonal(std::span<const double> slopes);
/// Multiplies column j by `factors`[j]: the chain rule for a map of each score before the weights.
void scale_columns(std::vector<double>& jacobian, std::span<const double> factors);
/// Multiplies row i.
void scale_rows(std::vector<double>& jacobian, std::span<const double> factors);

} // namespace plateau::attention
