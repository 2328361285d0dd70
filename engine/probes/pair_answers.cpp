// What a model says of all pairs (grokking.md 3.6, 4.4), z its logits and y the right class:
//   features/collapse            share of training pairs where Σ_c exp(z_c − z_y), rounded to float32, is 1:
//                                then 1 − p_y is 0 in float32 and nothing pulls z_y (Prieto et al. 2025). The
//                                sum itself is exact here, so that the order of its terms does not matter
//   features/margin-train, -validation   mean of z_y − max_{c≠y} z_c over training and test pairs
//   features/logit-size          mean |z| over all pairs and classes
//   features/correct-logit       [p, p] z_y of the pair (a, b); NaN where there is none
//   features/diagonal            [p] mean over all pairs of z_c with (c − a ∘ b) mod p = 0, 1, …
#include <limits>

#include "engine/probes/features.h"

namespace plateau::probes {
namespace {

double mean_margin(const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto right = labels.unsqueeze(1);
  const auto others = logits.scatter(1, right, -std::numeric_limits<double>::infinity());
  return (logits.gather(1, right).squeeze(1) - others.amax(1)).mean().item<double>();
}

} // namespace

void pair_answers(const PairTable& table, Output& output) {
  const auto logits = table.logits.detach().to(torch::kCPU, torch::kFloat64);
  const auto p = table.modulus, count = logits.size(0);
  const auto& labels = table.labels;
  const auto right = logits.gather(1, labels.unsqueeze(1)); // [N, 1]
  if (table.trained > 0) {
    const auto z = logits.narrow(0, 0, table.trained), y = right.narrow(0, 0, table.trained);
    const auto sums = (z - y).exp().sum(1).to(torch::kFloat32);
    output.add("features/collapse", (sums == 1).to(torch::kFloat64).mean().item<double>());
    output.add("features/margin-train", mean_margin(z, labels.narrow(0, 0, table.trained)));
  }
  if (const auto rest = count - table.trained; rest > 0)
    output.add("features/margin-validation",
               mean_margin(logits.narrow(0, table.trained, rest), labels.narrow(0, table.trained, rest)));
  output.add("features/logit-size", logits.abs().mean().item<double>());

  const auto correct = torch::full({p * p}, std::numeric_limits<double>::quiet_NaN(), torch::kFloat64);
  correct.index_put_({table.a * p + table.b}, right.squeeze(1));
  output.tensors["features/correct-logit"] = plain(correct.view({p, p}));
  const auto classes = (labels.unsqueeze(1) + torch::arange(p, torch::kInt64)).remainder(p); // [N, p]
  output.tensors["features/diagonal"] = plain(logits.gather(1, classes).mean(0));
}

} // namespace plateau::probes
