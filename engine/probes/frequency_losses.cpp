// What the logits owe to a few frequencies (Nanda et al. 2023; grokking.md 3.2). With s = place(a ∘ b) and
// w_k = 2πk/n, the logits z_c of each class over all n² pairs of the group are projected on 1, cos w_k s and
// sin w_k s:
//   loss/restricted   cross entropy on the test pairs of the constant part and the key frequencies' parts
//   loss/excluded     cross entropy on the training pairs of z less the key frequencies' parts
// Key are the frequencies that are strongest in the logits themselves, Σ_c |projection|² over all pairs:
// these are the parts that the two losses keep and take away, while the embedding may hold frequencies that
// the readout does not use, and the MLP makes others of them. The paper takes those of the final network's
// neurons. As the projection is over all pairs, answers that were memorised show in it, too: the restricted
// loss is not quite that of chance then.
#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/probes/cross_entropy.h"
#include "engine/probes/features.h"

namespace plateau::probes {

FrequencyLosses frequency_losses(const PairTable& table, const tasks::CyclicGroup& group,
                                 std::int64_t count) {
  const auto n = group.order;
  const auto place = torch::tensor(group.place, torch::kInt64);
  // A pair is in the group where its operands are, and its answer then too.
  const auto inside =
      ((place.index({table.a}) >= 0) & (place.index({table.b}) >= 0)).nonzero().squeeze(1); // [n²], ascending
  const auto training = (inside < table.trained).sum().item<std::int64_t>();
  const auto labels = table.labels.index({inside}), sums = place.index({labels});
  const auto logits = table.logits.detach().to(torch::kCPU, torch::kFloat64).index({inside});

  // cos and sin of w_k s are the same for all n pairs with one s: the mean over these is all that counts.
  const auto mean =
      torch::zeros({n, logits.size(1)}, torch::kFloat64).index_add_(0, sums, logits) / double(n);
  const auto basis = fourier_basis(n);
  const auto coefficients = basis.t().matmul(mean); // [n, C]
  const auto row_power = coefficients.square().sum(1).contiguous();
  const double* of_row = row_power.data_ptr<double>();
  const auto power = [&](std::int64_t k) { return of_row[2 * k - 1] + (2 * k < n ? of_row[2 * k] : 0); };
  FrequencyLosses result;
  result.frequencies.resize(std::size_t(frequencies(n)));
  std::iota(result.frequencies.begin(), result.frequencies.end(), 1);
  std::ranges::stable_sort(result.frequencies, [&](auto j, auto k) { return power(j) > power(k); });
  result.frequencies.resize(std::min<std::size_t>(result.frequencies.size(), std::size_t(count)));

  auto key = torch::zeros_like(mean); // [n, C], a row for each s
  for (const auto k : result.frequencies) {
    const auto width = 2 * k < n ? 2 : 1;
    key += basis.narrow(1, 2 * k - 1, width).matmul(coefficients.narrow(0, 2 * k - 1, width));
  }
  const auto restricted = mean.mean(0, true) + key;
  const auto rest = inside.size(0) - training;
  result.restricted =
      cross_entropy(restricted.index({sums.narrow(0, training, rest)}), labels.narrow(0, training, rest));
  result.excluded = cross_entropy(logits.narrow(0, 0, training) - key.index({sums.narrow(0, 0, training)}),
                                  labels.narrow(0, 0, training));
  return result;
}

} // namespace plateau::probes
