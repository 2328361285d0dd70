// Standard normals by the ziggurat method (Marsaglia & Tsang, Journal of Statistical Software 5(8), 2000),
// about four times as fast as Box & Muller with double log, sin and cos.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>

#include "engine/tasks/random.h"

namespace plateau::tasks {

/// The tables; immutable and thread-safe. Exact but for rounding: 53 bits and a sign within a layer, and none
/// of them also chooses the layer, which the paper's 32-bit code does (Doornik 2005).
class Normal {
public:
  /// Built at the first call: in a loop keep the reference.
  static const Normal& tables();

  double operator()(Random& random) const {
    const std::uint64_t bits = random.bits();
    const Layer& layer = layers_[bits & 255];
    const std::int64_t value = static_cast<std::int64_t>(bits) >> 10; // -2^53 .. 2^53 - 1
    const double x = static_cast<double>(value) * layer.scale;
    if (std::abs(value) < layer.inside) return x; // 99 of 100 draws
    return at_the_edge(random, bits & 255, x);
  }

private:
  /// A rectangle below the density: |x| < scale 2^53, and surely below the density while |value| < inside.
  struct Layer {
    double scale = 0;
    std::int64_t inside = 0;
  };

  Normal();
  double at_the_edge(Random& random, std::size_t layer, double x) const;

  std::array<Layer, 256> layers_;
  std::array<double, 257> density_; // at the layers' outer edges, without the factor 1/sqrt(2 pi)
};

} // namespace plateau::tasks
