// Internal: the loss as a function of the parameters, in float64, for its curvature (linear-transformer.md
// A4).
#pragma once

#include <torch/torch.h>

#include <memory>

#include "engine/models/model.h"
#include "engine/optim/parameter_buffer.h"
#include "engine/parallel/worker_pool.h"
#include "engine/training/task_data.h"

namespace plateau::training {

/// Mean loss over fixed samples: that of the labels, of the kind that is trained, without label smoothing,
/// second loss and noise. Parameters are [P] float64 in the order of the model's parameter buffer.
class Landscape {
public:
  virtual ~Landscape() = default;
  virtual torch::Tensor gradient(const torch::Tensor& parameters, const models::ForwardOptions& options) = 0;

  /// Hessian times a direction of norm 1, by central differences of the gradient, which works for every model
  /// and attention variant: relative error about 1e-7 where the loss is smooth.
  torch::Tensor hessian_times(const torch::Tensor& parameters, const torch::Tensor& direction,
                              const models::ForwardOptions& options);
  /// H_ii of these coordinates, two gradients each.
  torch::Tensor hessian_diagonal(const torch::Tensor& parameters, const torch::Tensor& coordinates,
                                 const models::ForwardOptions& options);
};

/// Of the first `samples` of the validation set. The model gives its form and its buffers, not its
/// parameters. With `initial` [P], answers are what the model says beyond what it says with those.
std::unique_ptr<Landscape> make_landscape(const study::Settings& settings, const models::Model& model,
                                          const optim::ParameterBuffer& parameters, const TaskData& data,
                                          std::int64_t samples, parallel::WorkerPool& pool,
                                          const torch::Tensor& initial = {});

} // namespace plateau::training
