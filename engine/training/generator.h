// Internal: random numbers as a function of (seed, purpose, step), so that no generator state is ever stored.
#pragma once

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include <cstdint>

namespace plateau::training {

enum class Purpose : std::uint64_t { Initialisation = 1, Noise = 2, Coordinates = 3 };

/// A fresh generator on `device`.
at::Generator make_generator(std::int64_t seed, Purpose purpose, std::int64_t step,
                             const torch::Device& device = torch::kCPU);

} // namespace plateau::training
