// The attention variants by name, with what a person needs to know about each, and their exact effect on
// one row of scores. No LibTorch here: the window draws Jacobians from this, tests compare the models with
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::attention {

struct VariantInfo {
  std::string name;        // "softmax"
  std::string title;       // "Softmax"
  std::string formula;     // "a = softmax(l / tau),  l = q.k,  tau = temperature x sqrt(d_k)"
  std::string description; // one paragraph for the tooltip
  std::string source;      // paper, equation
};

std::span<const VariantInfo> variants();
/// Throws InputError with the nearest names.
const VariantInfo& variant(std::string_view name);

/// Weights a of one row of raw scores l = q.k at temperature tau; `sqrt_dk` = sqrt of the head's width.
std::vector<double> row_weights(std::string_view variant, std::span<const double> scores, double tau,
                                double sqrt_dk);
/// da_i/dl_j at the same place, row-major [n, n].
std::vector<double> row_jacobian(std::string_view variant, std::span<const double> scores, double tau,
                                 double sqrt_dk);

} // namespace plateau::attention
