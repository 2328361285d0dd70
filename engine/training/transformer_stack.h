// Internal: transformers of one shape as one batched computation, differentiated by autograd. For a GPU,
// where a small model's step costs what its kernels' launches cost; on a CPU nothing is gained.
#pragma once

#include <torch/torch.h>

#include <span>
#include <vector>

#include "engine/models/model.h"
#include "engine/models/transformer_shape.h"
#include "engine/optim/parameter_buffer.h"

namespace plateau::training {

class TransformerStack {
public:
  /// Of K members: `values` and `gradients` [K, P], a row as `slices` divides it.
  TransformerStack(const models::TransformerShape& shape,
                   const std::vector<optim::ParameterBuffer::Slice>& slices, const torch::Tensor& values,
                   const torch::Tensor& gradients);

  /// Variants without parameters of their own only.
  /// Logits [K, B, classes] or [K, B, N, classes] of `inputs` [K, B, …]; each member with its own options, of
  /// which `record` and `mixing` have no meaning here.
  torch::Tensor forward(const torch::Tensor& inputs, std::span<const models::ForwardOptions> members) const;

  /// Sets the gradients to those of `loss`, a function of the logits.
  void backward(const torch::Tensor& loss);

private:
  struct Affine { // linear map or norm; bias may be undefined
    torch::Tensor weight, bias;
  };
  struct Block {
    Affine norm1, qkv, projection, norm2, expand, contract, norm1_after, norm2_after;
  };
  torch::Tensor embed(const torch::Tensor& inputs) const;
  /// From `x` [K, B N, d] for queries and keys and from `values`.
  torch::Tensor attend(const Block& block, const torch::Tensor& x, const torch::Tensor& values,
                       std::span<const models::ForwardOptions> members) const;
  torch::Tensor normalise(const Affine& norm, const torch::Tensor& x) const;
  /// Stochastic depth: drops a residual branch [K, B N, d] per sample, each member by its own generator.
  torch::Tensor drop_path(const torch::Tensor& branch, std::int64_t block,
                          std::span<const models::ForwardOptions> members) const;

  models::TransformerShape shape_;
  Affine embedding_, items_, norm_, readout_;
  torch::Tensor class_token_, position_;
  std::vector<Block> blocks_;
  std::vector<torch::Tensor> parameters_, gradients_; // in the order of the slices that there are
};

} // namespace plateau::training
