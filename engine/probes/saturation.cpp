// How open the softmax is. Per row a of N weights, averaged over rows and samples; under a causal mask N is
// what the row sees, and rows that see one token only are left out. Not all variants' weights
// are probabilities: entropy is that of p_j = |a_j| / sum |a| (0 for a row of zeros), the rest takes |a_j|
// for a_j.
//   entropy         H(p) / ln N,  H = -sum_j p_j ln p_j       1: uniform, 0: one-hot
//   max-probability max_j a_j
//   share-below-t   share of entries with a_j < t, t = 1e-3 and 1e-7 (laser.md: below it gradients vanish)
//   jacobian-norm   |diag(a) - a a^T|_F = sqrt(S2 - 2 S3 + S2^2),  S_k = sum_j a_j^k (eureka.md 4.1)
//   laser-zeros, laser-not-finite   where LASER reads: share of sums that were 0 before the logarithm, share
//   of
//                   outputs that are not finite (laser.md B3)
//   histogram       share of entries per bin of log10 a, 50 bins of 0.2 from -10 (and below) to 0
// Plain loops over the host's copy: the tensors are small, and a dozen tensor operations cost more than that.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/fused/statistics.h"
#include "engine/probes/probe.h"

namespace plateau::probes {
namespace {

constexpr int bins = 50;
constexpr float lowest = -10, bins_per_decade = 5; // log10

constexpr const char* names[] = {"saturation/entropy", "saturation/max-probability",
                                 "saturation/share-below-1e-3", "saturation/share-below-1e-7",
                                 "saturation/jacobian-norm"};
using Numbers = std::array<double, std::size(names)>;

/// Adds one row's numbers, in the order of `names`, and counts its entries. `log` = ln |a|.
void add_row(const float* a, const float* log, std::int64_t count, Numbers& sums, std::int64_t* histogram) {
  double sum = 0, products = 0, s2 = 0, s3 = 0; // products: of |a| ln |a|
  float largest = 0;
  std::int64_t below3 = 0, below7 = 0;
  for (std::int64_t j = 0; j < count; ++j) {
    const float size = std::abs(a[j]);
    const double squared = double(size) * size;
    sum += size;
    products += double(size) * log[j];
    s2 += squared;
    s3 += squared * size;
    largest = std::max(largest, size);
    below3 += size < 1e-3f;
    below7 += size < 1e-7f;
    const float place = (log[j] * float(M_LOG10E) - lowest) * bins_per_decade;
    ++histogram[place > 0 ? std::min(int(place), bins - 1) : 0]; // the first for NaN, too
  }
  const double n = double(count);
  const double entropy = sum == 0 ? 0 : std::log(sum) - products / sum;
  const Numbers row{entropy / std::log(std::max(2.0, n)), largest, double(below3) / n, double(below7) / n,
                    std::sqrt(std::max(0.0, s2 - 2 * s3 + s2 * s2))};
  for (std::size_t i = 0; i < row.size(); ++i) sums[i] += row[i];
}

} // namespace

void saturation(const models::Activations& activations, bool causal, Output& output) {
  if (activations.attention.empty()) return;
  training::Tensor shares{{std::int64_t(activations.attention.size()), bins}, {}};
  std::vector<float> logs;
  int layer = 0;
  for (const auto& a : activations.attention) { // [B, H, N, N]
    const auto batch = a.size(0), heads = a.size(1), rows = a.size(2), count = a.size(3);
    std::vector<Numbers> sums(std::size_t(heads), Numbers{});
    std::array<std::int64_t, bins> histogram{};
    const float* row = a.data_ptr<float>();
    logs.resize(std::size_t(a.numel()));
    fused::logarithms(row, a.numel(), logs.data());
    const float* log = logs.data();
    const std::int64_t first = causal ? 1 : 0; // of the rows that can choose
    std::int64_t seen = 0;
    for (std::int64_t i = 0; i < batch * heads * rows; ++i, row += count, log += count) {
      const auto place = i % rows, visible = causal ? place + 1 : count;
      if (place < first) continue;
      add_row(row, log, visible, sums[std::size_t(i / rows % heads)], histogram.data());
      seen += visible;
    }
    for (const auto entries : histogram) shares.data.push_back(float(double(entries) / double(seen)));
    ++layer;
    for (std::size_t metric = 0; metric < std::size(names); ++metric) {
      double all = 0;
      for (std::int64_t head = 0; head < heads; ++head) {
        const double mean = sums[std::size_t(head)][metric] / double(batch * (rows - first));
        output.add(metric_name(names[metric], layer, int(head) + 1), mean);
        all += mean;
      }
      output.add(metric_name(names[metric], layer), all / double(heads));
    }
  }
  output.add("saturation/histogram", std::move(shares));
  for (std::size_t index = 0; index < activations.reads.size(); ++index) {
    const auto& read = activations.reads[index];
    const int of_layer = int(index) + 1;
    output.add(metric_name("saturation/laser-zeros", of_layer), read.zeros / read.entries);
    output.add(metric_name("saturation/laser-not-finite", of_layer), read.non_finite / read.entries);
  }
}

} // namespace plateau::probes
