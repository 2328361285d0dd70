// Numbers that the synthetic runs are made of: the same each time.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/training/snapshot.h"

namespace plateau::test {

/// From one level to another around `middle`, within about `width` steps.
inline double cliff(double step, double middle, double width, double before, double after) {
  return before + (after - before) / (1 + std::exp(-(step - middle) / width));
}

/// The same each time, between -1 and 1.
inline double noise(std::int64_t a, std::int64_t b) {
  std::uint64_t x = static_cast<std::uint64_t>(a) * 0x9E3779B97F4A7C15u +
                    static_cast<std::uint64_t>(b) * 0xBF58476D1CE4E5B9u;
  x ^= x >> 31;
  x *= 0x94D049BB133111EBu;
  x ^= x >> 29;
  return static_cast<double>(x >> 11) / 4503599627370496.0 - 1;
}

inline std::shared_ptr<training::Tensor> make_tensor(std::vector<std::int64_t> shape) {
  auto tensor = std::make_shared<training::Tensor>();
  std::int64_t size = 1;
  for (const auto extent : shape) size *= extent;
  tensor->shape = std::move(shape);
  tensor->data.assign(static_cast<std::size_t>(size), 0.f);
  return tensor;
}

/// "noise/skew" and so on of the member at `step`, and the distances behind them, ascending; the larger
/// `tail`, the more they are skewed.
void add_noise(training::MemberView& member, std::int64_t step, double tail);
std::shared_ptr<const training::Tensor> noise_errors(double tail, std::int64_t draws = 2000);

} // namespace plateau::test
