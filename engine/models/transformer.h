// Internal: the transformer of every study.
#pragma once

#include <memory>

#include "engine/models/model.h"
#include "engine/models/transformer_shape.h"

namespace plateau::models {

/// Initialised from `generator`, on the CPU. Its forward takes images [B, channels, H, W], or token numbers
/// [B, N] (int64), and gives logits [B, classes], or [B, N, classes] where all tokens are read.
std::shared_ptr<Model> make_transformer(const TransformerShape& shape, at::Generator& generator,
                                        const attention::Variant& variant = attention::softmax);

/// Logits [..., classes] of states after the last block [..., d], final norm included. Of a model that
/// make_transformer made; throws std::bad_cast for others.
torch::Tensor read_out(Model& transformer, const torch::Tensor& states);

/// The vision transformer of the Eureka study: pre-norm, learned positions, class token (eureka.md 2.1).
TransformerShape vision_transformer_shape(const study::ModelSettings& model, const tasks::InputShape& image,
                                          std::int64_t classes);

/// A decoder over token numbers: causal, pre-norm, learned positions; reads its last token or all of them.
TransformerShape decoder_shape(const study::ModelSettings& model, const tasks::InputShape& input,
                               std::int64_t classes);

} // namespace plateau::models
