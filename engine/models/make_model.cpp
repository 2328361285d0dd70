#include "engine/errors.h"
#include "engine/models/linear_transformer.h"
#include "engine/models/transformer.h"

namespace plateau::models {

std::shared_ptr<Model> make_model(const study::Settings& settings, const tasks::InputShape& shape,
                                  std::int64_t classes, at::Generator& generator) {
  const torch::NoGradGuard no_grad; // initialisation is in-place
  if (settings.model.kind == "linear-transformer") return make_linear_transformer(settings, shape, generator);
  if (settings.model.kind == "decoder")
    return make_transformer(decoder_shape(settings.model, shape, classes), generator,
                            attention::find_variant(settings.attention.variant));
  if (settings.model.kind == "arithmetic-transformer")
    return make_transformer(arithmetic_shape(settings.model, shape, classes), generator,
                            attention::find_variant(settings.attention.variant));
  if (settings.model.kind == "vision-transformer")
    return make_transformer(vision_transformer_shape(settings.model, shape, classes), generator,
                            attention::find_variant(settings.attention.variant));
  if (settings.model.kind == "resnet") return make_resnet(settings, shape, classes, generator);
  throw InputError("there is no model '" + settings.model.kind + "'");
}

} // namespace plateau::models
