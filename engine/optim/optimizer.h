// Internal: the optimizers, on a flat parameter buffer.
//   adamw                Loshchilov & Hutter 2019, algorithm 2; as torch.optim.AdamW
//   sgd                  v <- mu v + g;  w <- w - lr v                  (as torch.optim.SGD)
//   sign-momentum        the same v;     w <- w - lr sign(v)
//   normalised-gradient  the same v;     w <- w - lr v / |v|_2          (both: Kunstner et al. 2023)
// All with decoupled weight decay: w loses lr * decay, or decay itself, of its value (optimizer.decay_unit).
#pragma once

#include <torch/types.h>

#include "engine/fused/kernels.h"
#include "engine/optim/parameter_buffer.h"
#include "engine/parallel/worker_pool.h"
#include "engine/study/settings.h"

namespace plateau::optim {

class Optimizer {
public:
  explicit Optimizer(const ParameterBuffer& parameters);

  /// One update with `parameters.gradients`. Decay acts where parameters.decay is 1.
  void step(ParameterBuffer& parameters, const study::OptimizerSettings& settings, double learning_rate,
            parallel::WorkerPool& pool);
  /// Of AdamW: counts an update and says with which numbers it is made.
  fused::AdamWStep next(const study::OptimizerSettings& settings, double learning_rate);
  /// For a switch to another kind, whose memory means something else. Grokfast's, which is of the gradient
  /// alone, stays.
  void forget();

  torch::Tensor first_moment, second_moment; // [P]; v of the others is in the first
  torch::Tensor slow_gradient;               // [P] Grokfast's running mean; undefined: none yet
  std::int64_t updates = 0;                  // decides AdamW's bias correction

private:
  void adamw(ParameterBuffer& parameters, const fused::AdamWStep& update, parallel::WorkerPool& pool);
};

/// Shortens `gradients` [P] to the norm `limit` if they are longer; 0: does nothing. As
/// torch.nn.utils.clip_grad_norm_.
void clip_gradients(torch::Tensor gradients, double limit);

/// One AdamW update of K members at once, on any device: [K, P] each, `decay` [P] or [K, P].
void adamw_together(const std::vector<fused::AdamWStep>& steps, const torch::Tensor& gradients,
                    const torch::Tensor& decay, torch::Tensor values, torch::Tensor first_moments,
                    torch::Tensor second_moments);

} // namespace plateau::optim
