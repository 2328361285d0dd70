// The cyclic group behind an operation of modular arithmetic: in its order the embedding of a network that
// generalises lies on circles (Nanda et al., Progress measures for grokking, 2023).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plateau::tasks {

/// Wherever a, b and c = a ∘ b mod p have places: place(c) = place(a) + sign place(b) mod order.
struct CyclicGroup {
  std::int64_t order;              // how many numbers have a place
  std::vector<std::int64_t> place; // [p + 1] of each token, 0 .. order - 1; -1: none, as "=", the last
  int sign;                        // of b: 1 for add and multiply, -1 for subtract and divide
};

/// Of addition and subtraction: order p, a at place a. Of multiplication and division by a prime p: order
/// p - 1, a at its discrete logarithm to the smallest primitive root; 0 has no place. None for other
/// operations and for products modulo a number that is not prime.
std::optional<CyclicGroup> cyclic_group(const std::string& operation, std::int64_t modulus);

/// The smallest g whose powers modulo p are all of 1 .. p - 1; none where p is not prime.
std::optional<std::int64_t> smallest_primitive_root(std::int64_t modulus);

} // namespace plateau::tasks
