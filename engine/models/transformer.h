// Internal: the transformer of every study.
#pragma once

#include <memory>

#include "engine/models/model.h"
#include "engine/models/shapes.h"

namespace plateau::models {

/// Initialised from `generator`, on the CPU. Its forward takes images [B, channels, H, W], token numbers
/// [B, N] (int64) or pairs [B, N, item width], at odd positions the label's number first, and gives logits
/// [B, classes], or [B, N, classes] where all tokens are read.
std::shared_ptr<Model> make_transformer(const TransformerShape& shape, at::Generator& generator,
                                        const attention::Variant& variant = attention::softmax);

/// Logits [..., classes] of states after the last block [..., d], final norm included. Of a model that
/// make_transformer made; throws std::bad_cast for others.
torch::Tensor read_out(Model& transformer, const torch::Tensor& states);

} // namespace plateau::models
