// Random numbers as a pure function of (seed, purpose, step, index): a batch can be made again from its step
// alone, so rewinding, resuming and twins need no generator state. No std:: distributions, whose results
// differ between standard libraries.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace plateau::tasks {

/// What the numbers are for; streams of different purposes are independent.
enum class Purpose : std::uint64_t {
  TrainingBatch = 1,
  ValidationSet = 2,
  TargetNetwork = 3,
  Estimate = 4,
  Writing = 5,
  // Of tasks that are read from the context:
  ItemTables = 20,   // what items look like
  HeldOutItems = 21, // which of them training never sees
  Mapping = 22,      // which label stands for what
  FreshMapping = 23  // the same, where training never draws it
};

/// One stream of a counter-based generator: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014) started from a hash
/// of the four numbers. Integers and uniforms are the same everywhere; normals are as good as the platform's
/// log, cos and sin.
class Random {
public:
  Random(std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint64_t index)
      : state_(hash(hash(hash(hash(seed) ^ static_cast<std::uint64_t>(purpose)) ^ step) ^ index)) {}

  std::uint64_t bits() {
    const std::uint64_t value = hash(state_);
    state_ += increment;
    return value;
  }

  /// In [0, 1), 53 random bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// True with this probability.
  bool chance(double probability) { return uniform() < probability; }

  /// In 0 .. count - 1: the high part of bits * count, so the bias is below count / 2^64.
  std::uint32_t below(std::uint32_t count) {
    const std::uint64_t value = bits();
    const std::uint64_t low = (value & 0xffffffffU) * count;
    return static_cast<std::uint32_t>(((value >> 32) * count + (low >> 32)) >> 32);
  }

  /// Two independent standard normals (Box & Muller 1958).
  std::array<double, 2> normals() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform())); // 1 - u is never 0
    const double angle = 2 * std::numbers::pi * uniform();
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }

private:
  static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15;

  static std::uint64_t hash(std::uint64_t z) {
    z += increment;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

} // namespace plateau::tasks
