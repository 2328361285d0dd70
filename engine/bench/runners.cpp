#include "engine/bench/runners.h"

#include <torch/torch.h>

#include <cmath>

#include "engine/fused/kernels.h"
#include "engine/fused/linear_closed_form.h"
#include "engine/models/transformer.h"
#include "engine/optim/optimizer.h"
#include "engine/stopwatch.h"
#include "engine/training/fused_model.h"

namespace plateau::bench {
namespace {

using torch::Tensor;

constexpr std::int64_t seed = 1;
constexpr double learning_rate = 3e-4, weight_decay = 0.1;

/// LibTorch with as many threads as it may have; one again afterwards, which is what the pool's threads need.
class TorchThreads {
public:
  explicit TorchThreads(int threads) { at::set_num_threads(threads); }
  ~TorchThreads() { at::set_num_threads(1); }
};

struct TransformerData {
  explicit TransformerData(const TransformerCase& info) {
    auto generator = at::detail::createCPUGenerator(seed);
    const auto& shape = info.shape;
    const auto numbers = [&](std::int64_t below, at::IntArrayRef sizes) {
      return torch::randint(below, sizes, generator, torch::kInt64);
    };
    if (shape.has_tokens())
      inputs = numbers(shape.vocabulary, {info.batch, shape.positions});
    else if (shape.has_images())
      inputs = torch::randn(
          {info.batch, shape.channels, shape.rows * shape.patch, shape.columns * shape.patch}, generator);
    else { // at odd positions the label's number comes first
      inputs = torch::randn({info.batch, shape.positions, shape.item_width}, generator);
      for (std::int64_t i = 1; i < shape.positions; i += 2)
        inputs.select(1, i).select(1, 0).copy_(numbers(shape.vocabulary, {info.batch}));
    }
    // The grokking cases' third token is always "=".
    if (shape.initialisation == models::TransformerShape::Initialisation::Arithmetic)
      inputs.select(1, shape.positions - 1).fill_(shape.vocabulary - 1);
    labels = shape.outputs() > 1 ? numbers(shape.classes, {info.batch, shape.positions})
                                 : numbers(shape.classes, {info.batch});
  }
  Tensor inputs, labels;
};

models::ForwardOptions training_options() {
  models::ForwardOptions options;
  options.training = true;
  return options;
}

std::shared_ptr<models::Model> make_model(const TransformerCase& info) {
  auto generator = at::detail::createCPUGenerator(seed);
  return models::make_transformer(info.shape, generator);
}

study::OptimizerSettings adamw_settings() {
  study::OptimizerSettings settings;
  settings.learning_rate = learning_rate;
  settings.weight_decay = weight_decay;
  return settings;
}

class LibTorchTransformer : public Runner {
public:
  LibTorchTransformer(const TransformerCase& info, int threads, bool exact)
      : data_(info), model_(make_model(info)), threads_(threads) {
    if (exact) {
      model_->to(torch::kFloat64);
      if (data_.inputs.is_floating_point()) data_.inputs = data_.inputs.to(torch::kFloat64);
    }
    // Decay acts where the fused path's does.
    std::vector<Tensor> decaying, others;
    for (const auto& item : model_->named_parameters())
      (model_->decays(item.key(), item.value()) ? decaying : others).push_back(item.value());
    const auto options = [](double decay) {
      auto result = std::make_unique<torch::optim::AdamWOptions>(learning_rate);
      result->weight_decay(decay);
      return result;
    };
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(decaying, options(weight_decay));
    groups.emplace_back(others, options(0));
    optimizer_ = std::make_unique<torch::optim::AdamW>(groups, torch::optim::AdamWOptions(learning_rate));
  }

  double step() override {
    const TorchThreads threads(threads_);
    Stopwatch watch;
    const auto logits = model_->forward(data_.inputs, training_options());
    const auto loss =
        torch::nn::functional::cross_entropy(logits.reshape({-1, logits.size(-1)}), data_.labels.flatten());
    forward += watch.lap();
    optimizer_->zero_grad();
    loss.backward();
    backward += watch.lap();
    optimizer_->step();
    optimizer += watch.lap();
    return loss.item<double>();
  }

private:
  TransformerData data_;
  std::shared_ptr<models::Model> model_;
  int threads_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

class FusedTransformer : public Runner {
public:
  FusedTransformer(const TransformerCase& info, fused::Precision precision, parallel::WorkerPool& pool)
      : data_(info), pool_(pool), model_(make_model(info)), parameters_(*model_, torch::kCPU),
        optimizer_(parameters_), fused_(training::FusedModel::make(*model_, parameters_, precision)) {}

  double step() override {
    Stopwatch watch;
    const auto result =
        fused_->gradient(data_.inputs, data_.labels, 0, training_options(), parameters_, pool_);
    const double both = watch.lap();
    forward += both * result.forward_share;
    backward += both * (1 - result.forward_share);
    optimizer_.step(parameters_, adamw_settings(), learning_rate, pool_);
    optimizer += watch.lap();
    return result.loss;
  }

private:
  TransformerData data_;
  parallel::WorkerPool& pool_;
  std::shared_ptr<models::Model> model_;
  optim::ParameterBuffer parameters_;
  optim::Optimizer optimizer_;
  std::unique_ptr<training::FusedModel> fused_;
};

/// x [B, n + 1, d] ~ N(0, I), y = <w, x> with w ~ N(0, I) per prompt (linear-transformer.md A1); P and Q ~
/// N(0, 0.05²).
struct LinearData {
  explicit LinearData(const LinearCase& info) {
    auto generator = at::detail::createCPUGenerator(seed);
    x = torch::randn({info.batch, info.context + 1, info.width}, generator);
    y = x.matmul(torch::randn({info.batch, info.width, 1}, generator)).squeeze(-1).contiguous();
    parameters = torch::randn({info.layers, 2, info.width, info.width}, generator) * 0.05;
  }
  Tensor x, y, parameters;
};

class LibTorchLinear : public Runner {
public:
  LibTorchLinear(const LinearCase& info, int threads, bool exact)
      : info_(info), data_(info), threads_(threads),
        parameters_(data_.parameters.to(exact ? torch::kFloat64 : torch::kFloat32).clone().requires_grad_()),
        optimizer_({parameters_}, torch::optim::AdamWOptions(learning_rate).weight_decay(0)) {
    data_.x = data_.x.to(parameters_.dtype());
    data_.y = data_.y.to(parameters_.dtype());
    tokens_ = torch::cat({data_.x, data_.y.unsqueeze(-1)}, -1);
    tokens_.select(1, info.context).select(1, info.width).zero_(); // the query's answer is not shown
    corner_ = torch::zeros({info.width + 1, info.width + 1}, parameters_.dtype());
    corner_[info.width][info.width] = 1;
  }

  double step() override {
    const TorchThreads threads(threads_);
    const auto d = info_.width, n = info_.context;
    auto z = tokens_;
    for (std::int64_t l = 0; l < info_.layers; ++l) {
      const auto p = torch::constant_pad_nd(parameters_[l][0], {0, 1, 0, 1}) + corner_;
      const auto q = torch::constant_pad_nd(parameters_[l][1], {0, 1, 0, 1});
      const auto context = z.slice(1, 0, n); // the query is never a key
      const auto scores = z.matmul(q).matmul(context.transpose(1, 2));
      z = z + scores.matmul(context.matmul(p.t())) / double(n);
    }
    const auto loss = (z.select(1, n).select(1, d) + data_.y.select(1, n)).square().mean();
    optimizer_.zero_grad();
    loss.backward();
    optimizer_.step();
    return loss.item<double>();
  }

private:
  LinearCase info_;
  LinearData data_;
  int threads_;
  Tensor parameters_, tokens_;
  Tensor corner_; // 1 in the last place of a (d + 1) x (d + 1) matrix: answers are copied as they are
  torch::optim::AdamW optimizer_;
};

class ClosedForm : public Runner {
public:
  ClosedForm(const LinearCase& info, parallel::WorkerPool& pool)
      : data_(info), shape_{info.layers, info.width, info.context}, pool_(pool), closed_(shape_),
        prompts_(shape_, info.batch,
                 torch::cat({data_.x, data_.y.unsqueeze(-1)}, -1).contiguous().data_ptr<float>(),
                 data_.y.select(1, info.context).contiguous().data_ptr<float>()),
        parameters_(data_.parameters.flatten()), gradient_(torch::zeros_like(parameters_)),
        moments_(torch::zeros({2, parameters_.numel()})), no_decay_(torch::zeros_like(parameters_)) {}

  double step() override {
    const double loss =
        closed_.gradient(parameters_.data_ptr<float>(), prompts_, pool_, gradient_.data_ptr<float>());
    ++steps_;
    fused::AdamWStep update{0.9f, 0.999f, 1e-8f, 0, 0, 0};
    update.rate = float(learning_rate / (1 - std::pow(0.9, steps_)));
    update.correction2 = float(1 / std::sqrt(1 - std::pow(0.999, steps_)));
    const auto count = parameters_.numel();
    fused::adamw(update, gradient_.data_ptr<float>(), no_decay_.data_ptr<float>(), 0, count,
                 parameters_.data_ptr<float>(), moments_.data_ptr<float>(),
                 moments_.data_ptr<float>() + count);
    return loss;
  }

private:
  LinearData data_;
  fused::LinearShape shape_;
  parallel::WorkerPool& pool_;
  fused::LinearClosedForm<float> closed_;
  fused::LinearPrompts<float> prompts_;
  Tensor parameters_, gradient_, moments_, no_decay_;
  int steps_ = 0;
};

} // namespace

std::unique_ptr<Runner> libtorch_runner(const TransformerCase& info, int threads, bool exact) {
  return std::make_unique<LibTorchTransformer>(info, threads, exact);
}
std::unique_ptr<Runner> fused_runner(const TransformerCase& info, fused::Precision precision,
                                     parallel::WorkerPool& pool) {
  return std::make_unique<FusedTransformer>(info, precision, pool);
}
std::unique_ptr<Runner> libtorch_runner(const LinearCase& info, int threads, bool exact) {
  return std::make_unique<LibTorchLinear>(info, threads, exact);
}
std::unique_ptr<Runner> closed_form_runner(const LinearCase& info, parallel::WorkerPool& pool) {
  return std::make_unique<ClosedForm>(info, pool);
}

} // namespace plateau::bench
