// The fixed random network behind the nonlinear targets of in-context regression (Ahn et al. 2024, released
// code; linear-transformer.md A5).
#pragma once

#include <cstdint>
#include <vector>

namespace plateau::tasks {

/// f(x) = W₂ max(W₁ x + b₁, 0) + b₂ with d inputs, 2d hidden units and d outputs, the same in every process:
/// drawn from a fixed seed. Initialised as PyTorch's nn.Linear is by default: weights and biases uniform in
/// ±1/sqrt(fan-in): ±1/sqrt(d) in the first layer, ±1/sqrt(2d) in the second. Immutable and thread-safe.
class RandomNetwork {
public:
  explicit RandomNetwork(std::int64_t dimension);

  /// Writes f(x) [d].
  void features(const float* x, double* f) const;

  /// ⟨w, f(x)⟩ = Σ_j r_j h_j + r_2d with the hidden units h: the r [2d + 1] of a w [d], for many x.
  void read_out(const double* w, double* r) const;
  double respond(const double* r, const float* x) const;

private:
  std::int64_t dimension_, hidden_;
  std::vector<double> first_;       // [d, 2d] W₁ transposed, so that the inner loop runs over hidden units
  std::vector<double> first_bias_;  // [2d]
  std::vector<double> second_;      // [d, 2d]
  std::vector<double> second_bias_; // [d]
};

} // namespace plateau::tasks
