#include "engine/tasks/cyclic_group.h"

#include <numeric>

namespace plateau::tasks {
namespace {

/// How many powers of `g` it takes to come to 1; 0 if it never does, as for divisors of the modulus.
std::int64_t multiplicative_order(std::int64_t g, std::int64_t modulus) {
  std::int64_t power = g;
  for (std::int64_t exponent = 1; exponent < modulus; ++exponent, power = power * g % modulus)
    if (power == 1) return exponent;
  return 0;
}

} // namespace

std::optional<std::int64_t> smallest_primitive_root(std::int64_t modulus) {
  // An order of p - 1 needs p - 1 numbers that can be inverted, which only a prime has.
  for (std::int64_t g = 1; g < modulus; ++g)
    if (multiplicative_order(g, modulus) == modulus - 1) return g;
  return {};
}

std::optional<CyclicGroup> cyclic_group(const std::string& operation, std::int64_t modulus) {
  CyclicGroup group{.order = modulus,
                    .place = std::vector<std::int64_t>(static_cast<std::size_t>(modulus + 1), -1),
                    .sign = operation == "subtract" || operation == "divide" ? -1 : 1};
  if (operation == "add" || operation == "subtract") {
    std::iota(group.place.begin(), group.place.end() - 1, 0);
    return group;
  }
  if (operation != "multiply" && operation != "divide") return {};
  const auto root = smallest_primitive_root(modulus);
  if (!root) return {};
  group.order = modulus - 1;
  for (std::int64_t exponent = 0, power = 1; exponent < group.order;
       ++exponent, power = power * *root % modulus)
    group.place[static_cast<std::size_t>(power)] = exponent;
  return group;
}

} // namespace plateau::tasks
