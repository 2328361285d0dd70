// Can LASER differ from the plain read at all (laser.md B2, B6)? Per head, over the tokens j that a row i
// sees, rows, samples and channels c:
//   values/spread          sd_j(v_jc), mean
//   values/gradient-ratio  mean |p - a|_2 / mean |a (v - o)|_2, norms over j, of the two reads' do_c/ds_j:
//                          p_jc = a_j e^{v_jc} / sum_k a_k e^{v_kc};  o_c = sum_j a_j v_jc
//   values/smallest-sum    min_ic sum_j a_j e^{v_jc - m_c},  m_c the largest v_jc of the sequence: what the
//   max
//                          shift takes the logarithm of; below 1e-38 it underflows in float32
// Weights that are no probabilities are divided by their sum first; negative ones have no p.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/probes/probe.h"

namespace plateau::probes {
namespace {

struct Sums {
  double spread = 0, laser = 0, plain = 0, rows = 0;
  double smallest = std::numeric_limits<double>::infinity();
  bool negative = false;
};

/// One row's weights a [count] over values v [count, width] with e = exp(v - m).
void add_row(const float* a, const float* v, const double* e, std::int64_t count, std::int64_t width,
             Sums& sums) {
  double total = 0;
  for (std::int64_t j = 0; j < count; ++j) {
    total += a[j];
    sums.negative = sums.negative || a[j] < 0;
  }
  if (sums.negative || total <= 0) return;
  for (std::int64_t c = 0; c < width; ++c) {
    double mean = 0, squares = 0, o = 0, s = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      const double value = v[j * width + c], weight = a[j] / total;
      mean += value;
      squares += value * value;
      o += weight * value;
      s += weight * e[j * width + c];
    }
    mean /= double(count);
    double laser = 0, plain = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      const double weight = a[j] / total;
      const double by_laser = weight * (s > 0 ? e[j * width + c] / s : 0) - weight;
      const double by_mean = weight * (v[j * width + c] - o);
      laser += by_laser * by_laser;
      plain += by_mean * by_mean;
    }
    sums.spread += std::sqrt(std::max(0.0, squares / double(count) - mean * mean));
    sums.laser += std::sqrt(laser);
    sums.plain += std::sqrt(plain);
    sums.smallest = std::min(sums.smallest, s * total);
    ++sums.rows;
  }
}

void add_head(const torch::Tensor& weights, const torch::Tensor& values, bool causal, Sums& sums) {
  const auto tokens = values.size(0), width = values.size(1);
  const float* v = values.data_ptr<float>();
  std::vector<double> e(std::size_t(tokens * width));
  for (std::int64_t c = 0; c < width; ++c) {
    double largest = v[c];
    for (std::int64_t j = 1; j < tokens; ++j) largest = std::max(largest, double(v[j * width + c]));
    for (std::int64_t j = 0; j < tokens; ++j)
      e[std::size_t(j * width + c)] = std::exp(double(v[j * width + c]) - largest);
  }
  for (std::int64_t i = 0; i < tokens; ++i)
    add_row(weights.data_ptr<float>() + i * tokens, v, e.data(), causal ? i + 1 : tokens, width, sums);
}

} // namespace

void values(const models::Activations& activations, Output& output) {
  for (std::size_t index = 0; index < activations.layers.size(); ++index) {
    const auto& layer = activations.layers[index];
    const int number = int(index) + 1;
    const auto host = [](const torch::Tensor& t) { return t.to(torch::kCPU, torch::kFloat32).contiguous(); };
    const auto v = host(layer.v), a = host(activations.attention[index]); // [B, H, N, d_k], [B, H, N, N]
    Sums all;
    for (std::int64_t head = 0; head < v.size(1); ++head) {
      Sums sums;
      for (std::int64_t sample = 0; sample < v.size(0); ++sample)
        add_head(a[sample][head], v[sample][head], layer.visible.defined(), sums);
      if (sums.negative || sums.rows == 0) continue;
      output.add(metric_name("values/spread", number, int(head) + 1), sums.spread / sums.rows);
      if (sums.plain > 0)
        output.add(metric_name("values/gradient-ratio", number, int(head) + 1), sums.laser / sums.plain);
      all.spread += sums.spread;
      all.laser += sums.laser;
      all.plain += sums.plain;
      all.rows += sums.rows;
      all.smallest = std::min(all.smallest, sums.smallest);
    }
    if (all.rows == 0) continue;
    output.add(metric_name("values/spread", number), all.spread / all.rows);
    if (all.plain > 0) output.add(metric_name("values/gradient-ratio", number), all.laser / all.plain);
    output.add(metric_name("values/smallest-sum", number), all.smallest);
  }
}

} // namespace plateau::probes
