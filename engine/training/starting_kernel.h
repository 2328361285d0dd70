// Internal: a model's tangent kernel at its start, kept between measurements of its drift.
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "engine/study/settings.h"

namespace plateau::training {

struct StartingKernel {
  torch::Tensor kernel; // [samples, samples] float64
  // What it was computed for. With another attention variant it is another model's.
  std::int64_t samples = 0;
  study::ModelSettings model;
  study::AttentionSettings attention;
};

} // namespace plateau::training
