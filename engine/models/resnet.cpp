// The paper's CNN baseline: a residual network with one basic block per stage (eureka.md 2.2, "resnet9").
#include <cmath>

#include "engine/models/model.h"

namespace plateau::models {
namespace {

using torch::Tensor;

/// A convolution without bias, Kaiming-normal over its fan-out.
torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t stride,
                              at::Generator& generator) {
  torch::nn::Conv2d layer(
      torch::nn::Conv2dOptions(in, out, size).stride(stride).padding(size / 2).bias(false));
  layer->weight.normal_(0, std::sqrt(2.0 / double(out * size * size)), generator);
  return layer;
}

/// Batch normalisation whose running statistics are the only buffers (momentum 0.1, eps 1e-5).
struct BatchNorm : torch::nn::Module {
  explicit BatchNorm(std::int64_t channels) {
    weight = register_parameter("weight", torch::ones({channels}));
    bias = register_parameter("bias", torch::zeros({channels}));
    mean = register_buffer("mean", torch::zeros({channels}));
    variance = register_buffer("variance", torch::ones({channels}));
  }
  Tensor forward(const Tensor& x, bool training) {
    return torch::batch_norm(x, weight, bias, mean, variance, training, 0.1, 1e-5, false);
  }
  Tensor weight, bias, mean, variance;
};

struct BasicBlock : torch::nn::Module {
  BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride, at::Generator& generator) {
    conv1 = register_module("conv1", convolution(in, out, 3, stride, generator));
    norm1 = register_module("norm1", std::make_shared<BatchNorm>(out));
    conv2 = register_module("conv2", convolution(out, out, 3, 1, generator));
    norm2 = register_module("norm2", std::make_shared<BatchNorm>(out));
    if (stride != 1 || in != out) {
      shortcut = register_module("shortcut", convolution(in, out, 1, stride, generator));
      shortcut_norm = register_module("shortcut_norm", std::make_shared<BatchNorm>(out));
    }
  }
  Tensor forward(const Tensor& x, bool training) {
    auto branch = torch::relu(norm1->forward(conv1(x), training));
    branch = norm2->forward(conv2(branch), training);
    return torch::relu(branch + (shortcut ? shortcut_norm->forward(shortcut(x), training) : x));
  }
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr}, shortcut{nullptr};
  std::shared_ptr<BatchNorm> norm1, norm2, shortcut_norm;
};

class ResNet : public Model {
public:
  ResNet(std::int64_t base, const tasks::InputShape& shape, std::int64_t classes, at::Generator& generator) {
    stem_ = register_module("stem", convolution(shape.channels, base, 7, 2, generator));
    stem_norm_ = register_module("stem_norm", std::make_shared<BatchNorm>(base));
    for (int stage = 0; stage < 4; ++stage) {
      const std::int64_t in = stage == 0 ? base : base << (stage - 1), out = base << stage;
      stages_.push_back(std::make_shared<BasicBlock>(in, out, stage == 0 ? 1 : 2, generator));
      register_module("stage" + std::to_string(stage + 1), stages_.back());
    }
    readout_ = register_module("readout", torch::nn::Linear(base * 8, classes));
    const double bound = 1 / std::sqrt(double(base * 8));
    readout_->weight.uniform_(-bound, bound, generator);
    readout_->bias.uniform_(-bound, bound, generator);
  }

  Tensor forward(const Tensor& images, const ForwardOptions& options) override {
    auto x = torch::relu(stem_norm_->forward(stem_(images), options.training));
    x = torch::max_pool2d(x, 3, 2, 1);
    for (const auto& stage : stages_) x = stage->forward(x, options.training);
    return readout_(x.mean({2, 3}));
  }

  std::vector<WeightGroup> weight_groups() const override {
    std::vector<WeightGroup> groups{{"embedding", 0, stem_->weight, 0, stem_->weight.size(0)}};
    for (std::size_t i = 0; i < stages_.size(); ++i)
      for (const auto& weight : {stages_[i]->conv1->weight, stages_[i]->conv2->weight})
        groups.push_back({"stage", int(i) + 1, weight, 0, weight.size(0)});
    groups.push_back({"readout", 0, readout_->weight, 0, readout_->weight.size(0)});
    return groups;
  }

private:
  torch::nn::Conv2d stem_{nullptr};
  std::shared_ptr<BatchNorm> stem_norm_;
  std::vector<std::shared_ptr<BasicBlock>> stages_;
  torch::nn::Linear readout_{nullptr};
};

} // namespace

std::shared_ptr<Model> make_resnet(const study::Settings& settings, const tasks::InputShape& shape,
                                   std::int64_t classes, at::Generator& generator) {
  return std::make_shared<ResNet>(settings.model.base_channels, shape, classes, generator);
}

} // namespace plateau::models
