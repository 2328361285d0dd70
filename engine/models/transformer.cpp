#include "engine/models/transformer.h"

#include <array>
#include <cmath>
#include <stdexcept>

#include "engine/attention/sigma_reparam.h"

namespace plateau::models {
namespace {

using torch::Tensor;

torch::nn::Linear linear(std::int64_t in, std::int64_t out, bool bias, double std, at::Generator& generator) {
  torch::nn::Linear layer(torch::nn::LinearOptions(in, out).bias(bias));
  layer->weight.normal_(0, std, generator);
  if (bias) layer->bias.zero_();
  return layer;
}

torch::nn::LayerNorm layer_norm(const TransformerShape& shape) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({shape.width}).eps(shape.epsilon));
}

/// Stochastic depth: drops a residual branch per sample with probability `rate`.
Tensor drop_path(const Tensor& branch, double rate, const ForwardOptions& options) {
  if (rate <= 0 || !options.training) return branch;
  const auto keep = torch::empty({branch.size(0), 1, 1}, branch.options().requires_grad(false))
                        .bernoulli_(1 - rate, *options.generator);
  return branch * keep / (1 - rate);
}

struct Block : torch::nn::Module {
  Block(const TransformerShape& shape, std::int64_t index, at::Generator& generator)
      : shape(shape), drop_rate(shape.drop_rate(index)) {
    const auto width = shape.width;
    if (shape.attention_norm) norm1 = register_module("norm1", layer_norm(shape));
    qkv = register_module("qkv", linear(width, 3 * width, false, shape.init_std, generator));
    projection =
        register_module("projection", linear(width, width, shape.output_bias, shape.init_std, generator));
    if (shape.mlp_norm) norm2 = register_module("norm2", layer_norm(shape));
    expand = register_module("expand", linear(width, shape.hidden, true, shape.init_std, generator));
    contract = register_module("contract", linear(shape.hidden, width, true, shape.init_std, generator));
  }

  /// The variant's parameters, drawn after those that every model has: these stay the same for all variants.
  void add_own(const attention::Variant& variant, std::int64_t layer, at::Generator& generator) {
    index = layer;
    if (!variant.own) return;
    const attention::LayerShape own_shape{shape.width, shape.heads, shape.positions, layer, shape.causal};
    own_module = register_module("attention", std::make_shared<torch::nn::Module>());
    for (const auto& [name, initial] : variant.own(own_shape, generator))
      own.emplace_back(name, own_module->register_parameter(name, initial));
    if (!variant.reparametrises) return;
    for (const auto& map : maps())
      own_module->register_buffer(std::string(map.name) + "_u", torch::zeros({map.layer->weight.size(0)}));
    start_reparametrisation();
  }

  struct Map {
    const char* name;
    const torch::nn::Linear& layer;
  };
  std::array<Map, 4> maps() const {
    return {{{"qkv", qkv}, {"projection", projection}, {"expand", expand}, {"contract", contract}}};
  }

  const Tensor& own_parameter(const std::string& name) const {
    for (const auto& [other, tensor] : own)
      if (other == name) return tensor;
    throw std::out_of_range(name);
  }

  bool reparametrises() const { return own_module && !own_module->named_buffers().is_empty(); }

  /// gamma = sigma(W): the maps are what they were.
  void start_reparametrisation() {
    const torch::NoGradGuard no_grad;
    for (const auto& map : maps()) {
      const auto [sigma, u] = attention::largest_singular(map.layer->weight.detach());
      own_parameter(std::string(map.name) + "_gamma").fill_(sigma);
      own_module->named_buffers()[std::string(map.name) + "_u"].copy_(u);
    }
  }

  void settle() {
    if (!reparametrises()) return;
    const torch::NoGradGuard no_grad;
    for (const auto& map : maps()) map.layer->weight.copy_(weight_of(map, false));
  }

  void go_on(const attention::Variant& variant, const attention::Layer& before) {
    const torch::NoGradGuard no_grad;
    if (variant.reparametrises) start_reparametrisation();
    if (variant.go_on) variant.go_on(own, before);
  }

  Tensor weight_of(const Map& map, bool training) const {
    return attention::reparametrised(map.layer->weight, own_parameter(std::string(map.name) + "_gamma"),
                                     own_module->named_buffers()[std::string(map.name) + "_u"], training);
  }

  Tensor apply(std::size_t map, const Tensor& x, const ForwardOptions& options) const {
    const auto chosen = maps()[map];
    if (!options.variant->reparametrises) return torch::nn::Linear(chosen.layer)(x);
    return torch::nn::functional::linear(x, weight_of(chosen, options.training), chosen.layer->bias);
  }

  /// What attention adds to the stream: [B, N, d] of normalised tokens -> [B, N, d].
  Tensor mix(const Tensor& x, const ForwardOptions& options) {
    switch (options.mixing) {
    case Mixing::Identity:
      return x;
    case Mixing::Self:
      return apply(1, apply(0, x, options).narrow(-1, 2 * shape.width, shape.width), options);
    case Mixing::None:
      return torch::zeros_like(x);
    case Mixing::Attention:
      break;
    }
    return attend(x, options);
  }

  /// x [B, N, d] of normalised tokens -> [B, N, d].
  Tensor attend(const Tensor& x, const ForwardOptions& options) {
    const auto batch = x.size(0), tokens = x.size(1), heads = shape.heads, head_width = shape.width / heads;
    const auto parts =
        apply(0, x, options).view({batch, tokens, 3, heads, head_width}).permute({2, 0, 3, 1, 4});
    attention::Layer layer{parts[0], parts[1], parts[2], x, {}, {}, options.attention, &own, index};
    if (shape.causal) layer.visible = torch::ones({tokens, tokens}, x.options().dtype(torch::kBool)).tril();
    const double sqrt_dk = std::sqrt(double(head_width));
    layer.scale = {options.temperature * sqrt_dk, sqrt_dk};
    attention::ReadCounts counts;
    const bool counted = options.record && options.attention->laser != "off";
    if (counted) layer.counts = &counts;
    const auto mixed = attention::attend(*options.variant, layer);
    layer.counts = nullptr;
    if (options.record) {
      options.record->attention.push_back(mixed.weights.detach());
      if (counted) options.record->reads.push_back(counts);
      if (options.record->keep_layers) options.record->layers.push_back(layer);
    }
    return apply(1, mixed.output.transpose(1, 2).reshape({batch, tokens, shape.width}), options);
  }

  Tensor forward(const Tensor& x, const ForwardOptions& options) {
    const auto mixed = mix(norm1 ? norm1(x) : x, options);
    const auto after = x + drop_path(mixed, drop_rate, options);
    auto mlp_input = norm2 ? norm2(after) : after;
    if (options.unit_mlp_input)
      mlp_input = mlp_input / mlp_input.norm(2, -1, /*keepdim=*/true).clamp_min(1e-12);
    const auto inner = apply(2, mlp_input, options);
    const auto processed =
        apply(3, shape.activation == TransformerShape::Activation::Relu ? inner.relu() : torch::gelu(inner),
              options);
    const auto out = after + drop_path(processed, drop_rate, options);
    if (options.record) options.record->hidden.push_back(out.detach());
    return out;
  }

  const TransformerShape& shape; // the model's
  double drop_rate;
  std::int64_t index = 0;
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  torch::nn::Linear qkv{nullptr}, projection{nullptr}, expand{nullptr}, contract{nullptr};
  std::shared_ptr<torch::nn::Module> own_module; // null: the variant has no parameters of its own
  attention::OwnParameters own;
};

class Transformer : public Model {
public:
  Transformer(const TransformerShape& shape, at::Generator& generator, const attention::Variant& variant)
      : shape_(shape), variant_(&variant) {
    if (shape.vocabulary > 0) {
      table_ = register_module("embedding", torch::nn::Embedding(shape.vocabulary, shape.width));
      table_->weight.normal_(0, shape.token_std, generator);
    } else {
      // The patch embedding is a convolution whose stride is its size, with its usual initialisation.
      const double bound = 1 / std::sqrt(double(shape.pixels()));
      patches_ = register_module("embedding", torch::nn::Linear(shape.pixels(), shape.width));
      patches_->weight.uniform_(-bound, bound, generator);
      patches_->bias.uniform_(-bound, bound, generator);
    }
    if (shape.class_token) {
      class_token_ = register_parameter("class_token", torch::empty({1, 1, shape.width}));
      class_token_.normal_(0, shape.init_std, generator);
    }
    position_ = register_parameter("position", torch::empty({1, shape.positions, shape.width}));
    position_.normal_(0, shape.init_std, generator);
    for (std::int64_t i = 0; i < shape.depth; ++i) {
      blocks_.push_back(std::make_shared<Block>(shape_, i, generator));
      register_module("block" + std::to_string(i + 1), blocks_.back());
    }
    if (shape.final_norm) norm_ = register_module("norm", layer_norm(shape));
    readout_ = register_module(
        "readout", linear(shape.width, shape.classes, shape.readout_bias, shape.init_std, generator));
    for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i]->add_own(variant, std::int64_t(i), generator);
  }

  Tensor forward(const Tensor& inputs, const ForwardOptions& options) override {
    auto x = embed(inputs) + position_;
    for (const auto& block : blocks_) x = block->forward(x, options);
    using Read = TransformerShape::Read;
    if (shape_.read != Read::All) x = x.select(1, shape_.read == Read::First ? 0 : shape_.positions - 1);
    if (norm_) x = norm_(x);
    if (options.record) options.record->features = x.detach();
    return readout_(x);
  }

  Tensor read_out(const Tensor& states) { return readout_(norm_ ? norm_(states) : states); }

  const TransformerShape* transformer_shape() const override { return &shape_; }

  training::TokenLayout tokens() const override {
    if (shape_.vocabulary > 0) return {1, int(shape_.positions), false};
    return {int(shape_.rows), int(shape_.columns), shape_.class_token};
  }

  std::vector<WeightGroup> weight_groups() const override {
    std::vector<WeightGroup> groups{whole("embedding", 0, table_ ? table_->weight : patches_->weight)};
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto& block = *blocks_[i];
      const int layer = int(i) + 1;
      const char* names[] = {"W_Q", "W_K", "W_V"};
      for (std::int64_t part = 0; part < 3; ++part)
        groups.push_back({names[part], layer, block.qkv->weight, part * shape_.width, shape_.width});
      groups.push_back(whole("W_O", layer, block.projection->weight));
      for (const auto& [name, parameter] : block.own)
        if (parameter.dim() > 1) groups.push_back(whole("W_G", layer, parameter));
      groups.push_back(whole("mlp", layer, block.expand->weight));
      groups.push_back(whole("mlp", layer, block.contract->weight)); // probes join groups of one name
    }
    groups.push_back(whole("readout", 0, readout_->weight));
    return groups;
  }

  std::vector<FusedProjection> projections() const override {
    std::vector<FusedProjection> list;
    for (const auto& block : blocks_) list.push_back({block->qkv->weight, shape_.heads});
    return list;
  }

  void settle() override {
    for (const auto& block : blocks_) block->settle();
  }

  void go_on(const std::vector<attention::Layer>& before) override {
    for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i]->go_on(*variant_, before.at(i));
  }

private:
  static WeightGroup whole(const char* name, int layer, const Tensor& weight) {
    return {name, layer, weight, 0, weight.size(0)};
  }

  /// [B, N, d].
  Tensor embed(const Tensor& inputs) {
    if (table_) return table_(inputs);
    const auto batch = inputs.size(0), patch = shape_.patch;
    const auto patches = inputs.view({batch, shape_.channels, shape_.rows, patch, shape_.columns, patch})
                             .permute({0, 2, 4, 1, 3, 5})
                             .reshape({batch, shape_.patches(), shape_.pixels()});
    if (!shape_.class_token) return patches_(patches);
    return torch::cat({class_token_.expand({batch, 1, -1}), patches_(patches)}, 1);
  }

  TransformerShape shape_;
  const attention::Variant* variant_; // whose own parameters the blocks have
  torch::nn::Embedding table_{nullptr};
  torch::nn::Linear patches_{nullptr}, readout_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  Tensor class_token_, position_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

} // namespace

std::shared_ptr<Model> make_transformer(const TransformerShape& shape, at::Generator& generator,
                                        const attention::Variant& variant) {
  const torch::NoGradGuard no_grad; // initialisation is in-place
  return std::make_shared<Transformer>(shape, generator, variant);
}

Tensor read_out(Model& transformer, const Tensor& states) {
  return dynamic_cast<Transformer&>(transformer).read_out(states);
}

namespace {

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
  shape.vocabulary = input.vocabulary;
  shape.positions = input.positions;
  shape.causal = true;
  shape.read = input.outputs > 1 ? TransformerShape::Read::All : TransformerShape::Read::Last;
  shape.token_std = model.init_std;
  return shape;
}

} // namespace plateau::models
