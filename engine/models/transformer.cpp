// The vision transformer of the Eureka study: pre-norm, learned positions, class token (eureka.md 2.1).
#include <cmath>

#include "engine/models/model.h"

namespace plateau::models {
namespace {

using torch::Tensor;

torch::nn::Linear linear(std::int64_t in, std::int64_t out, bool bias, double std, at::Generator& generator) {
  torch::nn::Linear layer(torch::nn::LinearOptions(in, out).bias(bias));
  layer->weight.normal_(0, std, generator);
  if (bias) layer->bias.zero_();
  return layer;
}

torch::nn::LayerNorm layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-6));
}

/// Stochastic depth: drops a residual branch per sample with probability `rate`.
Tensor drop_path(const Tensor& branch, double rate, const ForwardOptions& options) {
  if (rate <= 0 || !options.training) return branch;
  const auto keep = torch::empty({branch.size(0), 1, 1}, branch.options().requires_grad(false))
                        .bernoulli_(1 - rate, *options.generator);
  return branch * keep / (1 - rate);
}

struct Block : torch::nn::Module {
  Block(const study::ModelSettings& model, double drop_rate, at::Generator& generator)
      : width(model.width), heads(model.heads), drop_rate(drop_rate) {
    const auto hidden = std::int64_t(std::lround(double(width) * model.mlp_ratio));
    norm1 = register_module("norm1", layer_norm(width));
    qkv = register_module("qkv", linear(width, 3 * width, false, model.init_std, generator));
    projection = register_module("projection", linear(width, width, true, model.init_std, generator));
    norm2 = register_module("norm2", layer_norm(width));
    expand = register_module("expand", linear(width, hidden, true, model.init_std, generator));
    contract = register_module("contract", linear(hidden, width, true, model.init_std, generator));
  }

  /// x [B, N, d] of normalised tokens -> [B, N, d].
  Tensor attend(const Tensor& x, const ForwardOptions& options) {
    const auto batch = x.size(0), tokens = x.size(1), head_width = width / heads;
    const auto parts = qkv(x).view({batch, tokens, 3, heads, head_width}).permute({2, 0, 3, 1, 4});
    const auto scores = torch::matmul(parts[0], parts[1].transpose(-2, -1)); // [B, H, N, N]
    const double sqrt_dk = std::sqrt(double(head_width));
    const auto weights = options.variant->weights(scores, {options.temperature * sqrt_dk, sqrt_dk});
    if (options.record) options.record->attention.push_back(weights.detach());
    const auto mixed = torch::matmul(weights, parts[2]); // [B, H, N, d_k]
    return projection(mixed.transpose(1, 2).reshape({batch, tokens, width}));
  }

  Tensor forward(const Tensor& x, const ForwardOptions& options) {
    const auto normalised = norm1(x);
    const auto mixed = options.mixing == Mixing::Identity ? normalised : attend(normalised, options);
    const auto after = x + drop_path(mixed, drop_rate, options);
    const auto processed = contract(torch::gelu(expand(norm2(after))));
    const auto out = after + drop_path(processed, drop_rate, options);
    if (options.record) options.record->hidden.push_back(out.detach());
    return out;
  }

  std::int64_t width, heads;
  double drop_rate;
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  torch::nn::Linear qkv{nullptr}, projection{nullptr}, expand{nullptr}, contract{nullptr};
};

class VisionTransformer : public Model {
public:
  VisionTransformer(const study::ModelSettings& model, const tasks::ImageShape& shape, std::int64_t classes,
                    at::Generator& generator)
      : patch_(model.patch), rows_(shape.height / model.patch), columns_(shape.width / model.patch) {
    const auto pixels = shape.channels * patch_ * patch_;
    // The patch embedding is a convolution whose stride is its size, with its usual initialisation.
    const double bound = 1 / std::sqrt(double(pixels));
    embedding_ = register_module("embedding", torch::nn::Linear(pixels, model.width));
    embedding_->weight.uniform_(-bound, bound, generator);
    embedding_->bias.uniform_(-bound, bound, generator);
    class_token_ = register_parameter("class_token", torch::empty({1, 1, model.width}));
    class_token_.normal_(0, model.init_std, generator);
    position_ = register_parameter("position", torch::empty({1, rows_ * columns_ + 1, model.width}));
    position_.normal_(0, model.init_std, generator);
    for (std::int64_t i = 0; i < model.depth; ++i) {
      // The rate grows linearly over the blocks.
      const double rate = model.depth > 1 ? model.drop_path * double(i) / double(model.depth - 1) : 0;
      blocks_.push_back(std::make_shared<Block>(model, rate, generator));
      register_module("block" + std::to_string(i + 1), blocks_.back());
    }
    norm_ = register_module("norm", layer_norm(model.width));
    readout_ = register_module("readout", linear(model.width, classes, true, model.init_std, generator));
  }

  Tensor forward(const Tensor& images, const ForwardOptions& options) override {
    const auto batch = images.size(0), channels = images.size(1);
    const auto patches = images.view({batch, channels, rows_, patch_, columns_, patch_})
                             .permute({0, 2, 4, 1, 3, 5})
                             .reshape({batch, rows_ * columns_, channels * patch_ * patch_});
    auto x = torch::cat({class_token_.expand({batch, 1, -1}), embedding_(patches)}, 1) + position_;
    for (const auto& block : blocks_) x = block->forward(x, options);
    return readout_(norm_(x.select(1, 0)));
  }

  training::TokenLayout tokens() const override { return {int(rows_), int(columns_), true}; }

  std::vector<WeightGroup> weight_groups() const override {
    std::vector<WeightGroup> groups{whole("embedding", 0, embedding_->weight)};
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto& block = *blocks_[i];
      const int layer = int(i) + 1;
      const char* names[] = {"W_Q", "W_K", "W_V"};
      for (std::int64_t part = 0; part < 3; ++part)
        groups.push_back({names[part], layer, block.qkv->weight, part * block.width, block.width});
      groups.push_back(whole("W_O", layer, block.projection->weight));
      groups.push_back(whole("mlp", layer, block.expand->weight));
      groups.push_back(whole("mlp", layer, block.contract->weight)); // probes join groups of one name
    }
    groups.push_back(whole("readout", 0, readout_->weight));
    return groups;
  }

  std::vector<FusedProjection> projections() const override {
    std::vector<FusedProjection> list;
    for (const auto& block : blocks_) list.push_back({block->qkv->weight, block->heads});
    return list;
  }

private:
  static WeightGroup whole(const char* name, int layer, const Tensor& weight) {
    return {name, layer, weight, 0, weight.size(0)};
  }

  std::int64_t patch_, rows_, columns_;
  torch::nn::Linear embedding_{nullptr}, readout_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  Tensor class_token_, position_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

} // namespace

std::shared_ptr<Model> make_vision_transformer(const study::Settings& settings,
                                               const tasks::ImageShape& shape, std::int64_t classes,
                                               at::Generator& generator) {
  return std::make_shared<VisionTransformer>(settings.model, shape, classes, generator);
}

} // namespace plateau::models
