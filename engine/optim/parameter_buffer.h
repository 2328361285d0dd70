// Internal: all parameters of a model in one contiguous buffer, their gradients in another.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "engine/models/model.h"

namespace plateau::optim {

/// Makes every parameter of `model` a view into `values` and its gradient a view into `gradients`, in the
/// order of named_parameters(). Norms, the optimizer, forks and checkpoints then work on whole buffers.
class ParameterBuffer {
public:
  ParameterBuffer(models::Model& model, const torch::Device& device);

  /// Moves values and gradients into these [P], rows of a larger tensor perhaps; the model goes with them.
  void move_to(const torch::Tensor& values, const torch::Tensor& gradients);

  torch::Tensor values;    // [P] float32
  torch::Tensor gradients; // [P] float32
  torch::Tensor decay;     // [P] 1 where weight decay acts, else 0

  struct Slice {
    std::string name;
    std::int64_t begin = 0;
    std::vector<std::int64_t> shape;
  };
  const std::vector<Slice>& slices() const { return slices_; }
  std::int64_t size() const { return values.numel(); }

private:
  void bind(); // the model's parameters to values and gradients

  std::vector<Slice> slices_;
  std::vector<torch::Tensor> parameters_; // the model's own, in the order of slices_
};

} // namespace plateau::optim
