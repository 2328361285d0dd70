// Internal: gradient and logits of a transformer on the CPU without autograd. The batch is split into lanes
// whose number depends on its size alone, and their gradients are added in a fixed order: the result does not
// depend on the number of threads.
#pragma once

#include <memory>

#include "engine/fused/transformer_lane.h"
#include "engine/parallel/worker_pool.h"

namespace plateau::fused {

class TransformerStep {
public:
  TransformerStep(const models::TransformerShape& shape, const TransformerOffsets& offsets,
                  Precision precision);

  struct Result {
    // Over the labelled rows; without the second loss.
    double loss = 0;          // mean
    double accuracy = 0;      // share of rows whose largest logit is the label's
    double forward_share = 0; // of the computing time
  };
  /// `gradients` [P] of the mean loss; `targets` of B times outputs rows.
  Result gradient(const float* parameters, const TransformerInputs& inputs, const Loss& loss,
                  const LossTargets& targets, const TransformerOptions& options, parallel::WorkerPool& pool,
                  float* gradients);
  /// `logits` [B, outputs, classes].
  void logits(const float* parameters, const TransformerInputs& inputs, const TransformerOptions& options,
              parallel::WorkerPool& pool, float* logits, const TransformerRecord& record = {});

private:
  /// Lanes for a batch of this size; kept until another size comes.
  std::vector<std::unique_ptr<TransformerLane>>& lanes(std::int64_t count);

  models::TransformerShape shape_;
  TransformerOffsets offsets_;
  Precision precision_;
  std::map<std::int64_t, std::vector<std::unique_ptr<TransformerLane>>> lanes_; // by batch size
};

/// How many lanes a batch is split into.
int lane_count(std::int64_t samples, std::int64_t positions);

} // namespace plateau::fused
