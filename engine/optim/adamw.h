// Internal: AdamW on a flat parameter buffer (Loshchilov & Hutter 2019, algorithm 2; as torch.optim.AdamW).
#pragma once

#include <torch/types.h>

#include "engine/optim/parameter_buffer.h"
#include "engine/parallel/worker_pool.h"
#include "engine/study/settings.h"

namespace plateau::optim {

class AdamW {
public:
  explicit AdamW(const ParameterBuffer& parameters);

  /// One update with `parameters.gradients`. Decoupled decay acts where parameters.decay is 1.
  void step(ParameterBuffer& parameters, const study::OptimizerSettings& settings, double learning_rate,
            parallel::WorkerPool& pool);

  torch::Tensor first_moment, second_moment; // [P]
  std::int64_t updates = 0;                  // decides the bias correction
};

} // namespace plateau::optim
