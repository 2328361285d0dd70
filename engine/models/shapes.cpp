#include "engine/models/shapes.h"

#include <cmath>

#include "engine/errors.h"

namespace plateau::models {
namespace {

using Read = TransformerShape::Read;

TransformerShape blocks(const study::ModelSettings& model, std::int64_t classes) {
  TransformerShape shape;
  shape.depth = model.depth;
  shape.width = model.width;
  shape.heads = model.heads;
  shape.hidden = std::int64_t(std::lround(double(model.width) * model.mlp_ratio));
  shape.drop_path = model.drop_path;
  shape.classes = classes;
  shape.init_std = model.init_std;
  return shape;
}

void take_sequence(const tasks::InputShape& input, TransformerShape& shape) {
  shape.vocabulary = input.vocabulary;
  shape.positions = input.positions;
  if (input.kind == tasks::InputShape::Kind::Pairs) shape.item_width = input.item_width;
}

/// "qk+mlp": its parts joined by a plus.
void place_norms(const std::string& norms, TransformerShape& shape) {
  using Placement = TransformerShape::Placement;
  const auto joint = norms.find('+');
  const auto first = norms.substr(0, joint), second = joint == norms.npos ? "" : norms.substr(joint + 1);
  // Any norm brings both: the one that is not asked for only decays.
  shape.attention_norm = shape.mlp_norm = norms != "none";
  shape.norm_queries = first == "qk" || first == "qkv" || first == "peri";
  shape.norm_values = first == "v" || first == "qkv" || first == "peri";
  shape.norm_mlp = first == "mlp" || second == "mlp" || first == "peri";
  if (norms == "post") shape.placement = Placement::Post;
  if (norms == "peri") shape.placement = Placement::Peri;
  const bool known =
      norms == "none" || norms == "post" || shape.norm_queries || shape.norm_values || shape.norm_mlp;
  if (!known || (joint != norms.npos && second != "mlp"))
    throw InputError("there are no norms '" + norms + "'");
}

} // namespace

TransformerShape vision_transformer_shape(const study::ModelSettings& model, const tasks::InputShape& image,
                                          std::int64_t classes) {
  auto shape = blocks(model, classes);
  shape.patch = model.patch;
  shape.channels = image.channels;
  shape.rows = image.height / model.patch;
  shape.columns = image.width / model.patch;
  shape.class_token = true;
  shape.positions = shape.patches() + 1;
  return shape;
}

TransformerShape decoder_shape(const study::ModelSettings& model, const tasks::InputShape& input,
                               std::int64_t classes) {
  auto shape = blocks(model, classes);
  take_sequence(input, shape);
  shape.causal = true;
  shape.read = shape.has_items() || input.outputs > 1 ? Read::All : Read::Last;
  shape.token_std = model.init_std;
  if (shape.has_items()) shape.output_scale = 1 / std::sqrt(2 * double(model.depth));
  return shape;
}

TransformerShape arithmetic_shape(const study::ModelSettings& model, const tasks::InputShape& input,
                                  std::int64_t classes) {
  auto shape = blocks(model, classes);
  take_sequence(input, shape);
  shape.drop_path = 0;
  shape.activation = TransformerShape::Activation::Relu;
  shape.output_bias = shape.readout_bias = shape.final_norm = false;
  place_norms(model.norms, shape);
  if (model.norm_kind == "rms-norm") shape.norm_kind = TransformerShape::NormKind::Rms;
  shape.epsilon = 1e-5; // the paper's is 0
  shape.read = input.outputs > 1 ? Read::All : Read::Last;
  shape.readout_scale = model.readout_scale;
  shape.initialisation = TransformerShape::Initialisation::Arithmetic;
  shape.init_scale = model.init_scale;
  shape.decays_everything = true;
  return shape;
}

} // namespace plateau::models
