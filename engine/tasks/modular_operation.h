// What is done with two numbers modulo a prime (Power et al., Grokking, 2022).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plateau::tasks {

/// c = a ∘ b mod p: a + b, a - b, a · b, a / b or a² + ab + b².
class ModularOperation {
public:
  /// `name` as in task.operation. Throws InputError for any other, and for a modulus that is not prime.
  ModularOperation(const std::string& name, std::int64_t modulus);

  std::int64_t modulus() const { return modulus_; }
  /// Of a and b in 0 .. p - 1. Nothing for a / 0.
  std::optional<std::int64_t> operator()(std::int64_t a, std::int64_t b) const;

  /// "a + b mod 59", and in words: "addition".
  std::string formula() const;
  std::string title() const;
  /// "3 + 5"
  std::string print(std::int64_t a, std::int64_t b) const;

private:
  enum class Kind { Add, Subtract, Multiply, Divide, Quadratic };
  std::string print(const std::string& a, const std::string& b) const;

  Kind kind_;
  std::int64_t modulus_;
  std::vector<std::int64_t> inverse_; // [p] of Divide: 1 / b mod p; 0 for 0
};

} // namespace plateau::tasks
