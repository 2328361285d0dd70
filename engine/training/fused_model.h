// Internal: trains a LibTorch model through the fused path, on the same parameter buffer.
#pragma once

#include <torch/torch.h>

#include <memory>

#include "engine/fused/transformer_step.h"
#include "engine/models/model.h"
#include "engine/optim/parameter_buffer.h"
#include "engine/training/loss.h"

namespace plateau::training {

class FusedModel {
public:
  /// Null where the fused path cannot compute this model: no transformer, or not on the CPU.
  static std::unique_ptr<FusedModel>
  make(const models::Model& model, const optim::ParameterBuffer& parameters, fused::Precision precision);

  /// Has the attention variant a fused form? Others go through autograd.
  static bool can_attend(const attention::Variant& variant, const study::AttentionSettings& settings);

  struct Result {
    double loss = 0, accuracy = 0;
    double forward_share = 0; // of the time
  };
  /// Of the mean loss, into parameters.gradients; loss and accuracy are those of the labels alone.
  Result gradient(const torch::Tensor& inputs, const Targets& targets, const fused::Loss& loss,
                  const models::ForwardOptions& options, optim::ParameterBuffer& parameters,
                  parallel::WorkerPool& pool);
  /// Of the mean cross entropy.
  Result gradient(const torch::Tensor& inputs, const torch::Tensor& labels, double smoothing,
                  const models::ForwardOptions& options, optim::ParameterBuffer& parameters,
                  parallel::WorkerPool& pool);
  /// [B, classes] or [B, N, classes], without noise. Not of options that need the module, nor is probe().
  torch::Tensor logits(const torch::Tensor& inputs, const models::ForwardOptions& options,
                       const optim::ParameterBuffer& parameters, parallel::WorkerPool& pool);

  /// The same in float32, with everything that probes look at in options.record.
  torch::Tensor probe(const torch::Tensor& inputs, const models::ForwardOptions& options,
                      const optim::ParameterBuffer& parameters, parallel::WorkerPool& pool);

private:
  FusedModel(const models::TransformerShape& shape, const optim::ParameterBuffer& parameters,
             fused::Precision precision);
  fused::TransformerOptions prepare(const torch::Tensor& inputs, const models::ForwardOptions& options);

  models::TransformerShape shape_;
  fused::TransformerStep step_;
  fused::TransformerStep all_rows_; // for probes: computes also what the loss does not need
  torch::Tensor branch_scales_;     // [2 depth, B], of the step in hand
};

} // namespace plateau::training
