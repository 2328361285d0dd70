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
#include "engine/probes/spectrum.h"

namespace plateau::probes {
namespace {

std::int64_t numerical_rank(std::span<const double> spectrum) {
  if (spectrum.empty()) return 0;
  const double tolerance = spectrum.front() * double(spectrum.size()) * 0x1p-23;
  return std::count_if(spectrum.begin(), spectrum.end(), [&](double value) { return value > tolerance; });
}

} // namespace

void feature_rank(const torch::Tensor& features, Output& output) {
  if (!features.isfinite().all().item<bool>()) return;
  const auto eigenvalues = spectrum(features);
  output.add("features/effective-rank", effective_rank(eigenvalues));
  output.add("features/rank", double(numerical_rank(eigenvalues)));
  output.add("features/stable-rank", stable_rank(eigenvalues));
  if (const double exponent = tail_exponent(eigenvalues); std::isfinite(exponent))
    output.add("features/tail-exponent", exponent);
  output.add("features/spectrum",
             {{std::int64_t(eigenvalues.size())}, {eigenvalues.begin(), eigenvalues.end()}});
}

} // namespace plateau::probes
