#include "engine/models/transformer.h"

#include <cmath>
#include <stdexcept>

#include "engine/attention/sigma_reparam.h"
#include "engine/models/initialise.h"

namespace plateau::models {
namespace {

using torch::Tensor;

torch::nn::Linear linear(std::int64_t in, std::int64_t out, bool bias, Role role,
                         const TransformerShape& shape, at::Generator& generator) {
  torch::nn::Linear layer(torch::nn::LinearOptions(in, out).bias(bias));
  initialise(layer->weight, role, shape, generator);
  if (bias) layer->bias.zero_();
  return layer;
}

/// Layer norm (Ba et al. 2016), or RMS norm (Zhang & Sennrich 2019), which has no bias.
struct Norm : torch::nn::Module {
  explicit Norm(const TransformerShape& shape) : epsilon(shape.epsilon) {
    weight = register_parameter("weight", torch::ones({shape.width}));
    if (shape.norm_kind == TransformerShape::NormKind::Layer)
      bias = register_parameter("bias", torch::zeros({shape.width}));
  }
  Tensor operator()(const Tensor& x) const {
    if (bias.defined()) return torch::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
    return x * torch::rsqrt(x.square().mean(-1, /*keepdim=*/true) + epsilon) * weight;
  }
  double epsilon;
  Tensor weight, bias;
};

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
    const auto width = shape.width, hidden = shape.hidden;
    const auto add = [&](const char* name, std::int64_t in, std::int64_t out, bool bias, Role role) {
      return register_module(name, linear(in, out, bias, role, shape, generator));
    };
    const auto add_norm = [&](const char* name, bool present) {
      return present ? register_module(name, std::make_shared<Norm>(shape)) : nullptr;
    };
    norm1 = add_norm("norm1", shape.attention_norm);
    qkv = add("qkv", width, 3 * width, false, Role::QueriesKeysValues);
    projection = add("projection", width, width, shape.output_bias, Role::AttentionOutput);
    norm2 = add_norm("norm2", shape.mlp_norm);
    if (hidden > 0) {
      expand = add("expand", width, hidden, true, Role::Expand);
      contract = add("contract", hidden, width, true, Role::Contract);
    }
    if (shape.placement != TransformerShape::Placement::Peri) return;
    norm1_after = add_norm("norm1_after", shape.attention_norm);
    norm2_after = add_norm("norm2_after", shape.mlp_norm);
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
  std::vector<Map> maps() const {
    if (!expand) return {{"qkv", qkv}, {"projection", projection}};
    return {{"qkv", qkv}, {"projection", projection}, {"expand", expand}, {"contract", contract}};
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

  Tensor weight(const Map& map, const ForwardOptions& options) const {
    return options.variant->reparametrises ? weight_of(map, options.training) : map.layer->weight;
  }

  Tensor apply(const Map& map, const Tensor& x, const ForwardOptions& options) const {
    return torch::nn::functional::linear(x, weight(map, options), map.layer->bias);
  }

  /// [B, N, 3d] from what queries and keys are made of and from what values are.
  Tensor project(const Tensor& x, const Tensor& values, const ForwardOptions& options) const {
    const Map map{"qkv", qkv};
    if (x.is_same(values)) return apply(map, x, options);
    const auto all = weight(map, options);
    return torch::cat(
        {x.matmul(all.slice(0, 0, 2 * shape.width).t()), values.matmul(all.slice(0, 2 * shape.width).t())},
        -1);
  }

  /// What attention gives, [B, N, d], from `x` [B, N, d] for queries and keys and from `values`.
  Tensor mix(const Tensor& x, const Tensor& values, const ForwardOptions& options) {
    switch (options.mixing) {
    case Mixing::Identity:
      return values;
    case Mixing::Self:
      return apply({"projection", projection},
                   project(x, values, options).narrow(-1, 2 * shape.width, shape.width), options);
    case Mixing::None:
      return torch::zeros_like(x);
    case Mixing::Attention:
      break;
    }
    return attend(x, values, options);
  }

  Tensor attend(const Tensor& x, const Tensor& values, const ForwardOptions& options) {
    const auto batch = x.size(0), tokens = x.size(1), heads = shape.heads, head_width = shape.width / heads;
    const auto parts =
        project(x, values, options).view({batch, tokens, 3, heads, head_width}).permute({2, 0, 3, 1, 4});
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
    return apply({"projection", projection},
                 mixed.output.transpose(1, 2).reshape({batch, tokens, shape.width}), options);
  }

  /// What the MLP gives.
  Tensor process(Tensor x, const ForwardOptions& options) const {
    if (options.unit_mlp_input) x = x / x.norm(2, -1, /*keepdim=*/true).clamp_min(1e-12);
    const auto inner = apply({"expand", expand}, x, options);
    const auto active =
        shape.activation == TransformerShape::Activation::Relu ? inner.relu() : torch::gelu(inner);
    return apply({"contract", contract}, active, options);
  }

  Tensor forward(const Tensor& x, const ForwardOptions& options) {
    const bool post = shape.placement == TransformerShape::Placement::Post;
    const bool queries = shape.queries_normalised(), values = shape.values_normalised();
    const auto normalised = queries || values ? (*norm1)(x) : x;
    auto mixed = mix(queries ? normalised : x, values ? normalised : x, options);
    if (norm1_after && options.mixing != Mixing::None) mixed = (*norm1_after)(mixed);
    auto out = x + drop_path(mixed, drop_rate, options);
    if (post && norm1) out = (*norm1)(out);
    if (expand) {
      auto processed = process(shape.mlp_normalised() ? (*norm2)(out) : out, options);
      if (norm2_after) processed = (*norm2_after)(processed);
      out = out + drop_path(processed, drop_rate, options);
      if (post && norm2) out = (*norm2)(out);
    }
    if (options.record) options.record->hidden.push_back(out.detach());
    return out;
  }

  const TransformerShape& shape; // the model's
  double drop_rate;
  std::int64_t index = 0;
  std::shared_ptr<Norm> norm1, norm2, norm1_after, norm2_after; // null: none
  torch::nn::Linear qkv{nullptr}, projection{nullptr}, expand{nullptr}, contract{nullptr};
  std::shared_ptr<torch::nn::Module> own_module; // null: the variant has no parameters of its own
  attention::OwnParameters own;
};

class Transformer : public Model {
public:
  Transformer(const TransformerShape& shape, at::Generator& generator, const attention::Variant& variant)
      : shape_(shape), variant_(&variant) {
    if (shape.has_items())
      items_ = register_module("items",
                               linear(shape.item_width, shape.width, true, Role::Items, shape, generator));
    if (!shape.has_images()) {
      table_ = register_module("embedding", torch::nn::Embedding(shape.vocabulary, shape.width));
      initialise(table_->weight, Role::Tokens, shape, generator);
    } else {
      // The patch embedding is a convolution whose stride is its size, with its usual initialisation.
      const double bound = 1 / std::sqrt(double(shape.pixels()));
      patches_ = register_module("embedding", torch::nn::Linear(shape.pixels(), shape.width));
      patches_->weight.uniform_(-bound, bound, generator);
      patches_->bias.uniform_(-bound, bound, generator);
    }
    if (shape.class_token) {
      class_token_ = register_parameter("class_token", torch::empty({1, 1, shape.width}));
      initialise(class_token_, Role::ClassToken, shape, generator);
    }
    position_ = register_parameter("position", torch::empty({1, shape.positions, shape.width}));
    initialise(position_, Role::Positions, shape, generator);
    for (std::int64_t i = 0; i < shape.depth; ++i) {
      blocks_.push_back(std::make_shared<Block>(shape_, i, generator));
      register_module("block" + std::to_string(i + 1), blocks_.back());
    }
    if (shape.final_norm) norm_ = register_module("norm", std::make_shared<Norm>(shape));
    readout_ = register_module(
        "readout", linear(shape.width, shape.classes, shape.readout_bias, Role::Readout, shape, generator));
    if (shape.initialisation == TransformerShape::Initialisation::Arithmetic)
      for (auto& parameter : parameters()) parameter.mul_(shape.init_scale);
    for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i]->add_own(variant, std::int64_t(i), generator);
  }

  Tensor forward(const Tensor& inputs, const ForwardOptions& options) override {
    auto x = embed(inputs) + position_;
    for (const auto& block : blocks_) x = block->forward(x, options);
    using Read = TransformerShape::Read;
    if (shape_.read != Read::All) x = x.select(1, shape_.read == Read::First ? 0 : shape_.positions - 1);
    if (norm_) x = (*norm_)(x);
    if (options.record) options.record->features = x.detach();
    return logits(x);
  }

  Tensor read_out(const Tensor& states) { return logits(norm_ ? (*norm_)(states) : states); }

  const TransformerShape* transformer_shape() const override { return &shape_; }

  training::TokenLayout tokens() const override {
    if (!shape_.has_images()) return {1, int(shape_.positions), false};
    return {int(shape_.rows), int(shape_.columns), shape_.class_token};
  }

  std::vector<WeightGroup> weight_groups() const override {
    std::vector<WeightGroup> groups{whole("embedding", 0, table_ ? table_->weight : patches_->weight)};
    if (items_) groups.push_back(whole("embedding", 0, items_->weight)); // probes join groups of one name
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto& block = *blocks_[i];
      const int layer = int(i) + 1;
      const char* names[] = {"W_Q", "W_K", "W_V"};
      for (std::int64_t part = 0; part < 3; ++part)
        groups.push_back({names[part], layer, block.qkv->weight, part * shape_.width, shape_.width});
      groups.push_back(whole("W_O", layer, block.projection->weight));
      for (const auto& [name, parameter] : block.own)
        if (parameter.dim() > 1) groups.push_back(whole("W_G", layer, parameter));
      if (!block.expand) continue;
      groups.push_back(whole("mlp", layer, block.expand->weight));
      groups.push_back(whole("mlp", layer, block.contract->weight));
    }
    groups.push_back(whole("readout", 0, readout_->weight));
    return groups;
  }

  std::vector<FusedProjection> projections() const override {
    std::vector<FusedProjection> list;
    for (const auto& block : blocks_) list.push_back({block->qkv->weight, shape_.heads});
    return list;
  }

  bool decays(const std::string& name, const Tensor& parameter) const override {
    return shape_.decays_everything || Model::decays(name, parameter);
  }

  void settle() override {
    for (const auto& block : blocks_) block->settle();
  }

  void go_on(const std::vector<attention::Layer>& before) override {
    for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i]->go_on(*variant_, before.at(i));
  }

private:
  Tensor logits(const Tensor& features) {
    const auto read = readout_(features);
    return shape_.readout_scale == 1 ? read : read * shape_.readout_scale;
  }

  static WeightGroup whole(const char* name, int layer, const Tensor& weight) {
    return {name, layer, weight, 0, weight.size(0)};
  }

  /// [B, N, d].
  Tensor embed(const Tensor& inputs) {
    if (items_) {
      // Both kinds are computed at every position, and each position takes its own.
      const auto even =
          torch::arange(shape_.positions, inputs.options().dtype(torch::kInt64)).remainder(2) == 0;
      const auto numbers = inputs.select(2, 0).masked_fill(even, 0).to(torch::kInt64);
      return torch::where(even.view({1, -1, 1}), items_(inputs), table_(numbers));
    }
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
  torch::nn::Linear patches_{nullptr}, items_{nullptr}, readout_{nullptr};
  std::shared_ptr<Norm> norm_; // null: none
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

} // namespace plateau::models
