// Draws from a power law, P(k) ~ k^-exponent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/tasks/random.h"

namespace plateau::tasks {

/// Of k = 1 ... size, here numbered 0 ... size - 1: the smaller, the more frequent. Immutable.
class PowerLaw {
public:
  PowerLaw(std::int64_t size, double exponent);
  std::int64_t size() const { return static_cast<std::int64_t>(below_.size()) - 1; }
  double probability(std::int64_t k) const;
  std::int64_t draw(Random& random) const { return draw_other(random, {}); }
  /// One that is not among `taken` (ascending, distinct, fewer than all), in proportion to P.
  std::int64_t draw_other(Random& random, std::span<const std::int64_t> taken) const;
  /// So many different ones (at most all), drawn one after the other.
  std::vector<std::int64_t> draw_distinct(Random& random, std::int64_t count) const;

private:
  double mass(std::int64_t k) const {
    return below_[static_cast<std::size_t>(k) + 1] - below_[static_cast<std::size_t>(k)];
  }
  std::vector<double> below_; // [size + 1] sums of the weights of all smaller ones
};

} // namespace plateau::tasks
