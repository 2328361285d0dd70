// How compressible features are (grokking.md 1.6), from the eigenvalues λ of Z = XᵀX, X [N, d]:
//   features/effective-rank   exp(−Σ p_i ln p_i),  p_i = λ_i / Σ λ (Roy & Vetterli 2007)
//   features/rank             how many λ_i > λ_1 d 2⁻²³: the default tolerance of torch.linalg.matrix_rank
//                             for float32, which published ranks were found with
//   features/stable-rank      |Z|_F / |Z|₂ = √(Σ λ²) / λ_1
//   features/tail-exponent    power_law.cpp
//   features/spectrum         [d] λ, descending
#include <algorithm>
#include <cmath>

#include "engine/probes/features.h"

namespace plateau::probes {
namespace {

/// Descending; rounding below 0 is 0.
std::vector<double> feature_spectrum(const torch::Tensor& features) {
  const auto x = features.detach().to(torch::kCPU, torch::kFloat64);
  const auto values = torch::linalg_eigvalsh(x.t().matmul(x)).flip(0).clamp_min(0).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

double effective_rank(std::span<const double> spectrum) {
  double sum = 0, products = 0;
  for (const double value : spectrum) {
    sum += value;
    if (value > 0) products += value * std::log(value);
  }
  return sum > 0 ? std::exp(std::log(sum) - products / sum) : 0;
}

std::int64_t numerical_rank(std::span<const double> spectrum) {
  if (spectrum.empty()) return 0;
  const double tolerance = spectrum.front() * double(spectrum.size()) * 0x1p-23;
  return std::count_if(spectrum.begin(), spectrum.end(), [&](double value) { return value > tolerance; });
}

double stable_rank(std::span<const double> spectrum) {
  if (spectrum.empty() || spectrum.front() == 0) return 0;
  double squares = 0;
  for (const double value : spectrum) squares += (value / spectrum.front()) * (value / spectrum.front());
  return std::sqrt(squares);
}

} // namespace

void feature_rank(const torch::Tensor& features, Output& output) {
  if (!features.isfinite().all().item<bool>()) return;
  const auto spectrum = feature_spectrum(features);
  output.add("features/effective-rank", effective_rank(spectrum));
  output.add("features/rank", double(numerical_rank(spectrum)));
  output.add("features/stable-rank", stable_rank(spectrum));
  if (const double exponent = tail_exponent(spectrum); std::isfinite(exponent))
    output.add("features/tail-exponent", exponent);
  output.add("features/spectrum", {{std::int64_t(spectrum.size())}, {spectrum.begin(), spectrum.end()}});
}

} // namespace plateau::probes
