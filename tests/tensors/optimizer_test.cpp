// The optimizers on a flat buffer against LibTorch's and against loops.
#include "tests/tensors/torch_catch.h"

#include "engine/optim/optimizer.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using torch::Tensor;

namespace {

struct Trained {
  explicit Trained(const study::OptimizerSettings& settings, const std::vector<Tensor>& gradients) {
    auto generator = at::detail::createCPUGenerator(7);
    tasks::InputShape shape;
    shape.kind = tasks::InputShape::Kind::Prompts;
    shape.dimension = 4;
    model = models::make_model(testing::regression_settings(), shape, 1, generator);
    optim::ParameterBuffer buffer(*model, torch::kCPU);
    start = buffer.values.clone();
    optim::Optimizer optimizer(buffer);
    parallel::WorkerPool pool(1);
    for (const auto& gradient : gradients) {
      buffer.gradients.copy_(gradient);
      optim::clip_gradients(buffer.gradients, settings.clip_norm);
      optimizer.step(buffer, settings, settings.learning_rate, pool);
    }
    end = buffer.values;
  }
  std::shared_ptr<models::Model> model;
  Tensor start, end;
};

std::vector<Tensor> gradients(std::int64_t size) {
  torch::manual_seed(11);
  std::vector<Tensor> list;
  for (int i = 0; i < 12; ++i) list.push_back(torch::randn({size}) * (i % 3 + 0.1));
  return list;
}

constexpr std::int64_t size = 3 * 2 * 4 * 4;

study::OptimizerSettings with(const char* kind) {
  study::OptimizerSettings settings;
  settings.kind = kind;
  settings.learning_rate = 0.05;
  settings.momentum = 0.8;
  settings.weight_decay = 0;
  return settings;
}

double distance(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<double>();
}

} // namespace

TEST_CASE("Optimizers: SGD with momentum and clipping is LibTorch's") {
  auto settings = with("sgd");
  settings.clip_norm = 5;
  const auto list = gradients(size);
  const Trained trained(settings, list);
  auto weights = trained.start.clone().requires_grad_();
  torch::optim::SGD reference({weights}, torch::optim::SGDOptions(0.05).momentum(0.8));
  for (const auto& gradient : list) {
    weights.mutable_grad() = gradient.clone();
    torch::nn::utils::clip_grad_norm_({weights}, 5);
    reference.step();
  }
  CHECK(distance(trained.end, weights.detach()) < 1e-6);
}

TEST_CASE("Optimizers: sign-momentum and normalised gradient follow the sum of gradients") {
  const auto list = gradients(size);
  for (const bool sign : {true, false}) {
    auto settings = with(sign ? "sign-momentum" : "normalised-gradient");
    settings.weight_decay = 0.1;
    const Trained trained(settings, list);
    auto w = trained.start.to(torch::kFloat64), v = torch::zeros_like(w);
    for (const auto& gradient : list) {
      v = 0.8 * v + gradient.to(torch::kFloat64);
      w = w * (1 - 0.05 * 0.1); // all of P and Q decay
      w = w - 0.05 * (sign ? v.sign() : v / v.norm());
    }
    CHECK(distance(trained.end.to(torch::kFloat64), w) < 1e-5);
  }
}

TEST_CASE("Optimizers: gradients are shortened only when they are too long") {
  auto gradient = torch::tensor({3.0f, 4.0f});
  optim::clip_gradients(gradient, 0);
  CHECK(gradient.norm().item<float>() == 5);
  optim::clip_gradients(gradient, 6);
  CHECK(gradient.norm().item<float>() == 5);
  optim::clip_gradients(gradient, 1);
  CHECK(gradient.norm().item<float>() == Approx(1).epsilon(1e-5));
  CHECK(gradient[0].item<float>() == Approx(0.6).epsilon(1e-5));
  auto zero = torch::zeros({3});
  optim::clip_gradients(zero, 1);
  CHECK(zero.abs().max().item<float>() == 0);
}
