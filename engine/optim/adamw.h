// Internal: AdamW on a flat parameter buffer (Loshchilov & Hutter 2019, algorithm 2; as torch.optim.AdamW).
#pragma once

#include <torch/types.h>

#include "engine/fused/kernels.h"
#include "engine/optim/parameter_buffer.h"
#include "engine/parallel/worker_pool.h"
#include "engine/study/settings.h"

namespace plateau::optim {

class AdamW {
public:
  explicit AdamW(const ParameterBuffer& parameters);

  /// Counts an update and says with which numbers it is made.
  fused::AdamWStep next(const study::OptimizerSettings& settings, double learning_rate);
  /// One update with `parameters.gradients`. Decoupled decay acts where parameters.decay is 1.
  void step(ParameterBuffer& parameters, const study::OptimizerSettings& settings, double learning_rate,
            parallel::WorkerPool& pool);

  torch::Tensor first_moment, second_moment; // [P]
  std::int64_t updates = 0;                  // decides the bias correction
};

/// One update of K members at once, on any device: [K, P] each, `decay` [P] or [K, P].
void adamw_together(const std::vector<fused::AdamWStep>& steps, const torch::Tensor& gradients,
                    const torch::Tensor& decay, torch::Tensor values, torch::Tensor first_moments,
                    torch::Tensor second_moments);

} // namespace plateau::optim
