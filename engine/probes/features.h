// Internal: what a model of modular arithmetic has found (grokking.md 1.6, 3.2, 3.6, 4.4). Functions of plain
// tensors on the CPU; whatever their type, they are computed with in float64.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/models/model.h"
#include "engine/probes/probe.h"
#include "engine/tasks/cyclic_group.h"

namespace plateau::probes {

/// α of a density λ^−α, fitted to the positive eigenvalues at and above one of them, the one for which the
/// Kolmogorov-Smirnov distance is least (Clauset et al. 2009), as the package powerlaw does. NaN where fewer
/// than two of them differ.
double tail_exponent(std::span<const double> eigenvalues);
/// features/effective-rank, rank, stable-rank, tail-exponent, spectrum of features X [N, d]. Nothing of
/// features that are not finite.
void feature_rank(const torch::Tensor& features, Output& output);

/// Functions on 0 .. n − 1, orthonormal in the columns of [n, n] float64: the constant one; cosine and sine
/// of frequency k at 2k − 1 and 2k; for even n cos πt comes last (Nanda et al. 2023).
torch::Tensor fourier_basis(std::int64_t n);
/// Different frequencies above 0 of functions on 0 .. n − 1: n / 2, rounded down.
inline std::int64_t frequencies(std::int64_t n) {
  return n / 2;
}
/// features/fourier-*, frequency, embedding-spectrum, circle of the embedding [n, d] of the tokens of a
/// cyclic group, in its order. Nothing of one that is not finite, or zero.
void embedding_spectrum(const torch::Tensor& embedding, Output& output);

/// features/entropy, entropy-per-head, attention, of the attention in each layer [B, heads, N, N].
void operand_attention(const std::vector<torch::Tensor>& attention, Output& output);

/// Every pair (a, b) that the operation has, once; those that are trained on come first.
struct PairTable {
  std::int64_t modulus = 0, trained = 0;
  torch::Tensor a, b, labels; // [N] int64, below the modulus p
  torch::Tensor logits;       // [N, C], C >= p
};
/// features/collapse, margin-train, margin-validation, logit-size, correct-logit, diagonal.
void pair_answers(const PairTable& table, Output& output);

struct FrequencyLosses {
  std::vector<std::int64_t> frequencies; // the key ones, the strongest first
  double restricted = 0, excluded = 0;   // nats; NaN where there are no such pairs
};
/// Restricted and excluded loss (Nanda et al. 2023) by the `count` frequencies that are strongest in the
/// logits. Pairs that are not in the group are left out.
FrequencyLosses frequency_losses(const PairTable& table, const tasks::CyclicGroup& group,
                                 std::int64_t count = 5);

/// K = G Gᵀ [m, m], float64 on the CPU: row i of G is the gradient of the sum of all logits of input i by all
/// parameters. Keeps G, 4 m P bytes; one backward pass for each input.
torch::Tensor tangent_kernel(models::Model& model, const torch::Tensor& inputs,
                             const models::ForwardOptions& options);
/// |K − K₀|_F / |K₀|_F.
double kernel_drift(const torch::Tensor& kernel, const torch::Tensor& initial);

} // namespace plateau::probes
