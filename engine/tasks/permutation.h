// Random orders (Fisher and Yates' shuffle).
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "engine/tasks/random.h"

namespace plateau::tasks {

/// Puts them in a random order, all equally likely. At most 2^32 - 1 of them.
template<class T> void shuffle(Random& random, std::span<T> values) {
  for (std::size_t left = values.size(); left > 1; --left)
    std::swap(values[left - 1], values[random.below(static_cast<std::uint32_t>(left))]);
}

/// 0 .. count - 1 in a random order.
inline std::vector<std::int64_t> permutation(Random& random, std::int64_t count) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  shuffle(random, std::span(values));
  return values;
}

} // namespace plateau::tasks
