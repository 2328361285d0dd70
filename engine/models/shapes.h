// Internal: the transformers that the settings can ask for.
#pragma once

#include "engine/models/transformer_shape.h"
#include "engine/study/settings.h"
#include "engine/tasks/task.h"

namespace plateau::models {

/// The vision transformer of the Eureka study: pre-norm, learned positions, class token (eureka.md 2.1).
TransformerShape vision_transformer_shape(const study::ModelSettings& model, const tasks::InputShape& image,
                                          std::int64_t classes);

/// A decoder over token numbers or pairs: causal, pre-norm, learned positions; reads its last token or all of
/// them. Over pairs its output projections start smaller by sqrt(2 depth) (icl-plateaus.md 7.1).
TransformerShape decoder_shape(const study::ModelSettings& model, const tasks::InputShape& input,
                               std::int64_t classes);

/// The transformer of the grokking study: no causal mask, no biases around attention, no final norm; norms
/// where the settings place them; reads its last token (grokking.md 1.2, 1.3). Throws InputError for unknown
/// norms.
TransformerShape arithmetic_shape(const study::ModelSettings& model, const tasks::InputShape& input,
                                  std::int64_t classes);

} // namespace plateau::models
