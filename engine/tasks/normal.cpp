#include "engine/tasks/normal.h"

#include <cmath>
#include <numbers>

namespace plateau::tasks {
namespace {

// Where the tail begins if 256 layers of equal area are to end exactly at the density's top.
constexpr double tail = 3.6541528853610088;

double density(double x) {
  return std::exp(-x * x / 2);
}

} // namespace

const Normal& Normal::tables() {
  static const Normal normal;
  return normal;
}

Normal::Normal() {
  // The lowest layer is a rectangle up to `tail` and all that lies beyond; every layer has its area.
  const double beyond = std::sqrt(std::numbers::pi / 2) * std::erfc(tail / std::numbers::sqrt2);
  const double area = tail * density(tail) + beyond;
  double outer = area / density(tail); // the lowest layer as if it were a rectangle of its height
  double inner = tail;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i] = {outer * 0x1p-53, static_cast<std::int64_t>(inner / outer * 0x1p53)};
    density_[i] = density(outer);
    outer = inner;
    // Heights differ by area / outer; the uppermost layer narrows to nothing.
    inner = i + 2 < layers_.size() ? std::sqrt(-2 * std::log(area / outer + density(outer))) : 0;
  }
  density_[256] = 1;
}

double Normal::at_the_edge(Random& random, std::size_t layer, double x) const {
  if (layer == 0) { // beyond `tail`: exponential proposals (Marsaglia 1964)
    double excess = 0, bound = 0;
    do {
      excess = -std::log(1 - random.uniform()) / tail; // 1 - u is never 0
      bound = -std::log(1 - random.uniform());
    } while (2 * bound < excess * excess);
    return std::copysign(tail + excess, x);
  }
  const double height = density_[layer] + random.uniform() * (density_[layer + 1] - density_[layer]);
  return height < density(x) ? x : (*this)(random);
}

} // namespace plateau::tasks
