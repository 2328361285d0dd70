#include "engine/models/linear_transformer.h"

#include <cmath>

namespace plateau::models {
namespace {

using torch::Tensor;

class LinearTransformer : public Model {
public:
  LinearTransformer(const study::Settings& settings, const tasks::InputShape& shape, at::Generator& generator)
      : settings_(settings.model), dense_(settings.model.parametrisation == "dense"),
        by_tokens_(settings.training.path == "autograd" || settings.model.mixing != "linear") {
    const auto width = shape.dimension + (dense_ ? 1 : 0);
    layers_ = register_parameter("layers", torch::empty({2 * settings_.depth, width, width}));
    layers_.normal_(0, settings_.init_std, generator);
    if (settings_.feature_width == 0) return;
    expand_ = register_module("expand", torch::nn::Linear(shape.dimension, settings_.feature_width));
    contract_ = register_module("contract", torch::nn::Linear(settings_.feature_width, shape.dimension));
    for (const auto& layer : {expand_, contract_}) { // LibTorch's usual initialisation
      const double bound = 1 / std::sqrt(double(layer->weight.size(1)));
      layer->weight.uniform_(-bound, bound, generator);
      layer->bias.uniform_(-bound, bound, generator);
    }
  }

  Tensor forward(const Tensor& inputs, const ForwardOptions&) override {
    auto z = inputs;
    const auto d = inputs.size(2) - 1;
    if (expand_) {
      const auto x = inputs.narrow(2, 0, d);
      z = torch::cat({contract_(expand_(x).relu()), inputs.narrow(2, d, 1)}, 2);
    }
    return by_tokens_ ? tokens_forward(z) : short_forward(z);
  }

  std::vector<WeightGroup> weight_groups() const override {
    std::vector<WeightGroup> groups;
    if (expand_) {
      groups.push_back({"mlp", 0, expand_->weight, 0, expand_->weight.size(0)});
      groups.push_back({"mlp", 0, contract_->weight, 0, contract_->weight.size(0)});
    }
    const char* names[] = {"P", "Q"};
    for (std::int64_t l = 0; l < settings_.depth; ++l)
      for (std::int64_t part = 0; part < 2; ++part)
        groups.push_back({names[part], int(l) + 1, layers_, 2 * l + part, 1});
    return groups;
  }

  std::optional<Tensor> linear_layers() const override {
    return layers_.view({settings_.depth, 2, layers_.size(1), layers_.size(2)});
  }
  bool has_closed_form() const override {
    return !dense_ && !by_tokens_ && !expand_ && settings_.context_average;
  }

private:
  /// P and Q [d + 1, d + 1] of layer l.
  std::pair<Tensor, Tensor> full(std::int64_t l) const {
    const auto p = layers_[2 * l], q = layers_[2 * l + 1];
    if (dense_) return {p, q};
    const auto pad = [](const Tensor& m) { return torch::constant_pad_nd(m, {0, 1, 0, 1}); };
    const auto d = p.size(0);
    auto corner = torch::zeros({d + 1, d + 1}, p.options().requires_grad(false));
    corner[d][d] = 1; // responses are copied as they are
    return {pad(p) + corner, pad(q)};
  }

  double scale(std::int64_t context) const { return settings_.context_average ? 1 / double(context) : 1; }

  Tensor tokens_forward(Tensor z) const {
    const auto n = z.size(1) - 1, d = z.size(2) - 1;
    for (std::int64_t l = 0; l < settings_.depth; ++l) {
      const auto [p, q] = full(l);
      auto scores = z.matmul(q).matmul(z.transpose(1, 2)); // [i, j] = z_i^T Q z_j
      if (settings_.mixing == "softmax") scores = scores.softmax(-1);
      if (settings_.mixing == "relu") scores = scores.relu();
      // The query is never a key; a softmax has counted it before it is left out, as in the released code.
      z = z + scale(n) * scores.narrow(2, 0, n).matmul(z.narrow(1, 0, n).matmul(p.t()));
    }
    return -z.select(1, n).select(1, d);
  }

  Tensor short_forward(const Tensor& z) const {
    const auto n = z.size(1) - 1, d = z.size(2) - 1;
    const auto context = z.narrow(1, 0, n);
    auto h = context.transpose(1, 2).bmm(context);
    auto query = z.narrow(1, n, 1); // a row: x^T (I + A)^T
    for (std::int64_t l = 0; l < settings_.depth; ++l) {
      const auto [p, q] = full(l);
      const auto a = scale(n) * p.matmul(h).matmul(q.t());
      query = query + query.bmm(a.transpose(1, 2));
      if (l == settings_.depth - 1) break;
      h = h + a.bmm(h);
      h = h + h.bmm(a.transpose(1, 2));
    }
    return -query.select(1, 0).select(1, d);
  }

  study::ModelSettings settings_;
  bool dense_, by_tokens_;
  Tensor layers_;
  torch::nn::Linear expand_{nullptr}, contract_{nullptr};
};

} // namespace

std::shared_ptr<Model> make_linear_transformer(const study::Settings& settings,
                                               const tasks::InputShape& shape, at::Generator& generator) {
  return std::make_shared<LinearTransformer>(settings, shape, generator);
}

} // namespace plateau::models
