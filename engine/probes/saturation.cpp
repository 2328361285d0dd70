// How open the softmax is. Per row a of N probabilities, averaged over rows and samples:
//   entropy         H(a) / ln N,  H = -sum_j a_j ln a_j       1: uniform, 0: one-hot
//   max-probability max_j a_j
//   share-below-t   share of entries with a_j < t, t = 1e-3 and 1e-7 (laser.md: below it gradients vanish)
//   jacobian-norm   |diag(a) - a a^T|_F = sqrt(S2 - 2 S3 + S2^2),  S_k = sum_j a_j^k (eureka.md 4.1)
//   histogram       share of entries per bin of log10 a, 50 bins of 0.2 from -10 (and below) to 0
#include <cmath>

#include "engine/probes/probe.h"

namespace plateau::probes {
namespace {

constexpr int bins = 50;
constexpr double lowest = -10; // log10

} // namespace

void saturation(const models::Activations& activations, Output& output) {
  if (activations.attention.empty()) return;
  const torch::NoGradGuard no_grad;
  const auto a = torch::stack(activations.attention).to(torch::kFloat32); // [L, B, H, N, N]
  const auto layers = std::size_t(a.size(0)), heads = std::size_t(a.size(2));
  const auto square = a * a;
  const auto s2 = square.sum(-1), s3 = (square * a).sum(-1); // [L, B, H, N]
  const std::pair<const char*, torch::Tensor> rows[] = {
      {"saturation/entropy", torch::special::entr(a).sum(-1) / std::log(std::max(2.0, double(a.size(-1))))},
      {"saturation/max-probability", a.amax(-1)},
      {"saturation/share-below-1e-3", (a < 1e-3).to(torch::kFloat32).mean(-1)},
      {"saturation/share-below-1e-7", (a < 1e-7).to(torch::kFloat32).mean(-1)},
      {"saturation/jacobian-norm", (s2 - 2 * s3 + s2 * s2).clamp_min(0).sqrt()}};
  std::vector<torch::Tensor> all_rows;
  for (const auto& row : rows) all_rows.push_back(row.second);
  // [metrics, L, H]; one read from the device
  const auto numbers =
      plain(torch::stack(all_rows).to(torch::kFloat64).mean(std::vector<std::int64_t>{2, 4}));
  for (std::size_t layer = 0; layer < layers; ++layer)
    for (std::size_t metric = 0; metric < all_rows.size(); ++metric) {
      double sum = 0;
      for (std::size_t head = 0; head < heads; ++head) {
        const double value = numbers->data[(metric * layers + layer) * heads + head];
        output.add(metric_name(rows[metric].first, int(layer) + 1, int(head) + 1), value);
        sum += value;
      }
      output.add(metric_name(rows[metric].first, int(layer) + 1), sum / double(heads));
    }
  const auto log10 = a.clamp_min(1e-30).log10_().clamp_(lowest, -1e-6).flatten(1).to(torch::kCPU);
  std::vector<torch::Tensor> histograms;
  for (std::size_t layer = 0; layer < layers; ++layer)
    histograms.push_back(log10[std::int64_t(layer)].histc(bins, lowest, 0) / double(log10.size(1)));
  output.add("saturation/histogram", torch::stack(histograms));
}

} // namespace plateau::probes
