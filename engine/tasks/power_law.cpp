#include "engine/tasks/power_law.h"

#include <algorithm>
#include <cmath>

namespace plateau::tasks {

PowerLaw::PowerLaw(std::int64_t size, double exponent) {
  below_.reserve(static_cast<std::size_t>(size) + 1);
  below_.push_back(0);
  for (std::int64_t k = 1; k <= size; ++k)
    below_.push_back(below_.back() + std::pow(static_cast<double>(k), -exponent));
}

double PowerLaw::probability(std::int64_t k) const {
  return mass(k) / below_.back();
}

std::int64_t PowerLaw::draw_other(Random& random, std::span<const std::int64_t> taken) const {
  double left = below_.back();
  for (const std::int64_t k : taken) left -= mass(k);
  double point =
      random.uniform() * left; // on the axis of weights without those taken, which are then put back
  for (const std::int64_t k : taken) {
    if (point < below_[static_cast<std::size_t>(k)]) break;
    point += mass(k);
  }
  const auto above = std::upper_bound(below_.begin() + 1, below_.end() - 1, point);
  std::int64_t k = above - below_.begin() - 1;
  // Rounding may have put the point just beside its gap.
  const auto is_taken = [&] { return std::binary_search(taken.begin(), taken.end(), k); };
  while (is_taken() && k + 1 < size()) ++k;
  while (is_taken()) --k;
  return k;
}

std::vector<std::int64_t> PowerLaw::draw_distinct(Random& random, std::int64_t count) const {
  std::vector<std::int64_t> drawn, ascending;
  for (std::int64_t i = 0; i < count; ++i) {
    drawn.push_back(draw_other(random, ascending));
    ascending.insert(std::lower_bound(ascending.begin(), ascending.end(), drawn.back()), drawn.back());
  }
  return drawn;
}

} // namespace plateau::tasks
