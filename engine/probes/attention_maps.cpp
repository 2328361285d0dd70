#include <algorithm>
#include <cmath>

#include "engine/probes/probe.h"

namespace plateau::probes {
namespace {

training::Tensor softmax_rows(const torch::Tensor& logits, std::int64_t rows) {
  const auto classes = logits.size(1);
  training::Tensor result{{rows, classes}, {}};
  for (const float* row = logits.data_ptr<float>(); rows > 0; --rows, row += classes) {
    const float largest = *std::max_element(row, row + classes);
    double sum = 0;
    for (std::int64_t i = 0; i < classes; ++i) sum += std::exp(double(row[i] - largest));
    for (std::int64_t i = 0; i < classes; ++i)
      result.data.push_back(float(std::exp(double(row[i] - largest)) / sum));
  }
  return result;
}

} // namespace

void attention_maps(const models::Activations& activations, const torch::Tensor& logits,
                    std::int64_t map_samples, Output& output) {
  const auto samples = logits.size(0), kept = std::min(map_samples, samples);
  output.add("attention/predictions", softmax_rows(logits, kept));
  if (activations.attention.empty()) return;
  const auto& shape = activations.attention.front(); // [B, H, N, N]
  const auto layers = std::int64_t(activations.attention.size());
  const auto size = shape.numel() / samples; // of one sample's maps in one layer
  training::Tensor maps{{kept, layers, shape.size(1), shape.size(2), shape.size(3)}, {}};
  training::Tensor means{{layers, shape.size(1), shape.size(2), shape.size(3)}, {}};
  for (std::int64_t sample = 0; sample < kept; ++sample)
    for (const auto& layer : activations.attention) {
      const float* map = layer.data_ptr<float>() + sample * size;
      maps.data.insert(maps.data.end(), map, map + size);
    }
  std::vector<double> sums(static_cast<std::size_t>(size));
  for (const auto& layer : activations.attention) {
    std::fill(sums.begin(), sums.end(), 0.0);
    const float* map = layer.data_ptr<float>();
    for (std::int64_t sample = 0; sample < samples; ++sample, map += size)
      for (std::int64_t i = 0; i < size; ++i) sums[std::size_t(i)] += double(map[i]);
    for (const double sum : sums) means.data.push_back(float(sum / double(samples)));
  }
  output.add("attention/maps", std::move(maps));
  output.add("attention/mean", std::move(means));
}

} // namespace plateau::probes
