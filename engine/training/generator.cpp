#include "engine/training/generator.h"

#include <torch/torch.h>

namespace plateau::training {
namespace {

/// The finaliser of splitmix64 (Steele, Lea & Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

} // namespace

at::Generator make_generator(std::int64_t seed, Purpose purpose, std::int64_t step,
                             const torch::Device& device) {
  const auto key = mix(mix(mix(std::uint64_t(seed)) ^ std::uint64_t(purpose)) ^ std::uint64_t(step));
  if (device.is_cpu()) return at::detail::createCPUGenerator(key);
  auto generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(key);
  return generator;
}

} // namespace plateau::training
