// Which frequencies an embedding W [n, d] holds (grokking.md 1.6, 4.4). With DFT_k = Σ_t W_t e^(−2πi kt/n):
//   features/fourier-concentration   C_F = Var_k(m_k) / (mean_dk (F_dk − m_k)² + 10⁻⁸),  F = |DFT|,
//                                    m_k = mean_d F_dk,  k = 0 .. n/2
//   features/embedding-spectrum      P̂_k = P_k / Σ P,  P_k = Σ_d |DFT_k|²,  k = 1 .. n/2
//   features/fourier-top5            sum of the five largest P̂
//   features/fourier-participation   1 / Σ P̂²
//   features/fourier-entropy         −Σ P̂ ln P̂ / ln K,  K frequencies
//   features/frequency               argmax_k P_k
//   features/circle                  [n, 2] the tokens' embedding, less their mean, in the plane of
//                                    u = Σ_t cos(wt) W_t and v = Σ_t sin(wt) W_t, w the strongest frequency's
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "engine/probes/features.h"

namespace plateau::probes {
namespace {

constexpr double floor_of_concentration = 1e-8;
constexpr double negligible = 1e-12; // of the larger eigenvalue: the plane is but a line

/// Along the orthonormal pair nearest to u and v (Löwdin 1950), which prefers neither; scaled so that the
/// root mean square distance from the origin is 1, as on a circle of radius 1.
torch::Tensor circle(const torch::Tensor& centred, const torch::Tensor& waves) {
  const auto directions = waves.t().matmul(centred); // [2, d] u, v
  const auto [squares, axes] = torch::linalg_eigh(directions.matmul(directions.t()));
  const auto inverse_root =
      torch::where(squares > negligible * squares.max(), squares.rsqrt(), torch::zeros_like(squares));
  const auto plane = axes.matmul(inverse_root.diag()).matmul(axes.t()).matmul(directions);
  const auto points = centred.matmul(plane.t());
  const double radius = std::sqrt(points.square().sum(1).mean().item<double>());
  return radius > 0 ? points / radius : points;
}

} // namespace

torch::Tensor fourier_basis(std::int64_t n) {
  const auto basis = torch::empty({n, n}, torch::kFloat64);
  auto entry = basis.accessor<double, 2>();
  const double whole = std::sqrt(1.0 / double(n)), half = std::sqrt(2.0 / double(n));
  for (std::int64_t t = 0; t < n; ++t) {
    entry[t][0] = whole;
    for (std::int64_t k = 1; k <= frequencies(n); ++k) {
      // kt mod n: the same numbers for the same angles.
      const double angle = 2 * std::numbers::pi * double(k * t % n) / double(n);
      const bool last = 2 * k == n;
      entry[t][2 * k - 1] = (last ? whole : half) * std::cos(angle);
      if (!last) entry[t][2 * k] = half * std::sin(angle);
    }
  }
  return basis;
}

void embedding_spectrum(const torch::Tensor& embedding, Output& output) {
  const auto w = embedding.detach().to(torch::kCPU, torch::kFloat64);
  const auto n = w.size(0), count = frequencies(n);
  if (!w.isfinite().all().item<bool>()) return;
  const auto basis = fourier_basis(n);
  const auto squares = basis.t().matmul(w).square(); // [n, d]
  // |DFT_k|² = n/2 (c² + s²) in the orthonormal basis; n c² where there is no sine.
  std::vector<torch::Tensor> rows{squares[0] * double(n)};
  for (std::int64_t k = 1; k <= count; ++k)
    rows.push_back(2 * k == n ? squares[2 * k - 1] * double(n)
                              : (squares[2 * k - 1] + squares[2 * k]) * (double(n) / 2));
  const auto spectrum = torch::stack(rows); // [K + 1, d] |DFT_k|²
  const auto power = spectrum.sum(1).slice(0, 1).contiguous();
  const double total = power.sum().item<double>();
  if (total == 0) return;

  const auto magnitude = spectrum.sqrt(), mean = magnitude.mean(1, true);
  const double between = mean.var(false).item<double>();
  const double within = (magnitude - mean).square().mean().item<double>();
  output.add("features/fourier-concentration", between / (within + floor_of_concentration));

  std::vector<double> shares(power.data_ptr<double>(), power.data_ptr<double>() + count);
  double entropy = 0, sum_of_squares = 0;
  for (double& share : shares) {
    share /= total;
    entropy -= share > 0 ? share * std::log(share) : 0;
    sum_of_squares += share * share;
  }
  const auto strongest = std::max_element(shares.begin(), shares.end()) - shares.begin() + 1;
  auto sorted = shares;
  std::sort(sorted.begin(), sorted.end(), std::greater());
  sorted.resize(std::min<std::size_t>(sorted.size(), 5));
  double top = 0;
  for (const double share : sorted) top += share;
  output.add("features/fourier-top5", top);
  output.add("features/fourier-participation", 1 / sum_of_squares);
  output.add("features/fourier-entropy", count > 1 ? entropy / std::log(double(count)) : 0);
  output.add("features/frequency", double(strongest));
  output.add("features/embedding-spectrum", {{count}, {shares.begin(), shares.end()}});
  // Without a sine the second coordinate is 0.
  const auto cosine = basis.select(1, 2 * strongest - 1);
  const auto sine = 2 * strongest == n ? torch::zeros_like(cosine) : basis.select(1, 2 * strongest);
  output.tensors["features/circle"] = plain(circle(w - w.mean(0, true), torch::stack({cosine, sine}, 1)));
}

} // namespace plateau::probes
