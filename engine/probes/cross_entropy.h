// Internal: the loss that probes measure, whatever is trained.
#pragma once

#include <torch/types.h>

namespace plateau::probes {

/// Mean cross entropy in nats of targets >= 0, in float64: logits [..., classes], targets [...]. NaN for none.
double cross_entropy(const torch::Tensor& logits, const torch::Tensor& targets);

} // namespace plateau::probes
