#include "engine/models/transformer.h"

#include <cmath>
#include <limits>

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

  /// x [B, N, d] of normalised tokens -> [B, N, d].
  Tensor attend(const Tensor& x, const ForwardOptions& options) {
    const auto batch = x.size(0), tokens = x.size(1), heads = shape.heads, head_width = shape.width / heads;
    const auto parts = qkv(x).view({batch, tokens, 3, heads, head_width}).permute({2, 0, 3, 1, 4});
    auto scores = torch::matmul(parts[0], parts[1].transpose(-2, -1)); // [B, H, N, N]
    if (shape.causal)
      scores = scores.masked_fill(torch::ones({tokens, tokens}, scores.options().dtype(torch::kBool)).triu(1),
                                  -std::numeric_limits<float>::infinity());
    const double sqrt_dk = std::sqrt(double(head_width));
    const auto weights = options.variant->weights(scores, {options.temperature * sqrt_dk, sqrt_dk});
    if (options.record) options.record->attention.push_back(weights.detach());
    const auto mixed = torch::matmul(weights, parts[2]); // [B, H, N, d_k]
    return projection(mixed.transpose(1, 2).reshape({batch, tokens, shape.width}));
  }

  Tensor forward(const Tensor& x, const ForwardOptions& options) {
    const auto normalised = norm1 ? norm1(x) : x;
    const auto mixed = options.mixing == Mixing::Identity ? normalised : attend(normalised, options);
    const auto after = x + drop_path(mixed, drop_rate, options);
    const auto inner = expand(norm2 ? norm2(after) : after);
    const auto processed =
        contract(shape.activation == TransformerShape::Activation::Relu ? inner.relu() : torch::gelu(inner));
    const auto out = after + drop_path(processed, drop_rate, options);
    if (options.record) options.record->hidden.push_back(out.detach());
    return out;
  }

  const TransformerShape& shape; // the model's
  double drop_rate;
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  torch::nn::Linear qkv{nullptr}, projection{nullptr}, expand{nullptr}, contract{nullptr};
};

class Transformer : public Model {
public:
  Transformer(const TransformerShape& shape, at::Generator& generator) : shape_(shape) {
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
  }

  Tensor forward(const Tensor& inputs, const ForwardOptions& options) override {
    auto x = embed(inputs) + position_;
    for (const auto& block : blocks_) x = block->forward(x, options);
    using Read = TransformerShape::Read;
    if (shape_.read != Read::All) x = x.select(1, shape_.read == Read::First ? 0 : shape_.positions - 1);
    return readout_(norm_ ? norm_(x) : x);
  }

  const TransformerShape* transformer_shape() const override { return &shape_; }

  training::TokenLayout tokens() const override {
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
  torch::nn::Embedding table_{nullptr};
  torch::nn::Linear patches_{nullptr}, readout_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  Tensor class_token_, position_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

} // namespace

std::shared_ptr<Model> make_transformer(const TransformerShape& shape, at::Generator& generator) {
  const torch::NoGradGuard no_grad; // initialisation is in-place
  return std::make_shared<Transformer>(shape, generator);
}

TransformerShape vision_transformer_shape(const study::ModelSettings& model, const tasks::ImageShape& image,
                                          std::int64_t classes) {
  TransformerShape shape;
  shape.patch = model.patch;
  shape.channels = image.channels;
  shape.rows = image.height / model.patch;
  shape.columns = image.width / model.patch;
  shape.class_token = true;
  shape.positions = shape.patches() + 1;
  shape.depth = model.depth;
  shape.width = model.width;
  shape.heads = model.heads;
  shape.hidden = std::int64_t(std::lround(double(model.width) * model.mlp_ratio));
  shape.drop_path = model.drop_path;
  shape.classes = classes;
  shape.init_std = model.init_std;
  return shape;
}

} // namespace plateau::models
