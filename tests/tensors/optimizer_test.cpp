// The optimizers on a flat buffer against LibTorch's and against loops.
#include "tests/tensors/torch_catch.h"

#include "engine/optim/modifiers.h"
#include "engine/optim/optimizer.h"
#include "engine/optim/schedules.h"
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

namespace {

/// A small model of several tensors, with weights, gradients and decay to be set.
struct Small {
  Small() : model(make()), buffer(*model, torch::kCPU) {
    auto generator = at::detail::createCPUGenerator(5);
    buffer.values.copy_(torch::randn({buffer.size()}, generator));
    buffer.gradients.copy_(torch::randn({buffer.size()}, generator));
  }
  static std::shared_ptr<models::Model> make() {
    auto generator = at::detail::createCPUGenerator(3);
    tasks::InputShape shape;
    shape.kind = tasks::InputShape::Kind::Tokens;
    shape.vocabulary = 5;
    shape.positions = 4;
    return models::make_model(testing::recall_settings(), shape, 3, generator);
  }
  std::shared_ptr<models::Model> model;
  optim::ParameterBuffer buffer;
};

} // namespace

TEST_CASE("Optimizers: without epsilon a weight without gradients stays, and others follow their gradient") {
  Small small;
  study::OptimizerSettings settings;
  settings.epsilon = 0;
  settings.weight_decay = 0;
  settings.learning_rate = 0.01;
  small.buffer.gradients.narrow(0, 3, 20).zero_();
  const auto start = small.buffer.values.clone();
  auto other = small.buffer.values.clone().unsqueeze(0), m = torch::zeros_like(other),
       v = torch::zeros_like(other);
  optim::Optimizer optimizer(small.buffer), same(small.buffer);
  parallel::WorkerPool pool(1);
  for (int i = 0; i < 3; ++i) {
    optimizer.step(small.buffer, settings, settings.learning_rate, pool);
    optim::adamw_together({same.next(settings, settings.learning_rate)}, small.buffer.gradients.unsqueeze(0),
                          small.buffer.decay, other, m, v);
  }
  // With the same gradient each time m / sqrt(v) is its sign.
  const auto expected = start - 3 * 0.01 * small.buffer.gradients.sign();
  CHECK(distance(small.buffer.values, expected) < 1e-6);
  CHECK(distance(other[0], expected) < 1e-6);
  CHECK(torch::equal(small.buffer.values.narrow(0, 3, 20), start.narrow(0, 3, 20)));
}

TEST_CASE("Optimizers: decay per step does not depend on the learning rate") {
  for (const char* kind : {"adamw", "sgd", "sign-momentum", "normalised-gradient"}) {
    INFO(kind);
    Small small;
    auto settings = with(kind);
    settings.weight_decay = 0.25;
    settings.decay_unit = "step";
    small.buffer.gradients.zero_();
    const auto start = small.buffer.values.clone();
    optim::Optimizer optimizer(small.buffer);
    parallel::WorkerPool pool(1);
    optimizer.step(small.buffer, settings, 1e-3, pool);
    CHECK(distance(small.buffer.values, start * (1 - 0.25 * small.buffer.decay)) < 1e-6);
    CHECK(small.buffer.decay.sum().item<float>() > 0);
  }
}

TEST_CASE("Optimizers: the learning rate follows the readout scale where that is wanted") {
  study::Settings settings;
  settings.model.kind = "arithmetic-transformer";
  settings.model.readout_scale = 0.5;
  settings.optimizer.warmup_steps = 4;
  settings.optimizer.learning_rate = 0.1;
  CHECK(optim::learning_rate(settings, 1, 100) == Approx(0.05));
  settings.optimizer.readout_rate = "inverse-square";
  CHECK(optim::learning_rate(settings, 1, 100) == Approx(0.2));
  CHECK(optim::learning_rate(settings, 50, 100) == Approx(0.4));
  settings.model.kind = "decoder"; // has no readout scale
  CHECK(optim::learning_rate(settings, 50, 100) == Approx(0.1));
}

TEST_CASE("Modifiers: a perpendicular gradient has no part along its tensor and keeps its length") {
  Small small;
  const auto& slices = small.buffer.slices();
  REQUIRE(slices.size() > 5);
  const auto count = [](const auto& slice) {
    std::int64_t product = 1;
    for (const auto extent : slice.shape) product *= extent;
    return product;
  };
  // One tensor of zeros, and one whose gradient lies along it.
  small.buffer.values.narrow(0, slices[1].begin, count(slices[1])).zero_();
  small.buffer.gradients.narrow(0, slices[2].begin, count(slices[2]))
      .copy_(-3 * small.buffer.values.narrow(0, slices[2].begin, count(slices[2])));
  const auto g = small.buffer.gradients.clone();
  optim::keep_perpendicular(small.buffer);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    INFO(slices[i].name);
    std::vector<double> w, before, expected;
    double wg = 0, ww = 0, length = 0, left = 0;
    for (std::int64_t k = slices[i].begin; k < slices[i].begin + count(slices[i]); ++k) {
      w.push_back(small.buffer.values[k].item<double>());
      before.push_back(g[k].item<double>());
      wg += w.back() * before.back();
      ww += w.back() * w.back();
      length += before.back() * before.back();
    }
    for (std::size_t k = 0; k < w.size(); ++k) {
      expected.push_back(before[k] - (ww > 0 ? wg / ww * w[k] : 0));
      left += expected[k] * expected[k];
    }
    for (std::size_t k = 0; k < w.size(); ++k) {
      const double wanted = i == 2 ? 0 : expected[k] * std::sqrt(length / left);
      CHECK(small.buffer.gradients[slices[i].begin + std::int64_t(k)].item<double>() ==
            Approx(wanted).margin(3e-6));
    }
  }
}

TEST_CASE("Modifiers: Grokfast adds a running mean that starts as the first gradient") {
  const auto list = gradients(20);
  Tensor slow;
  std::vector<double> mean;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto g = list[i].clone();
    optim::add_slow_gradient(slow, g, 0.9, 2);
    for (std::int64_t k = 0; k < 20; ++k) {
      const double raw = list[i][k].item<double>();
      if (i == 0)
        mean.push_back(raw);
      else
        mean[std::size_t(k)] = 0.9 * mean[std::size_t(k)] + 0.1 * raw;
      CHECK(g[k].item<double>() == Approx(raw + 2 * mean[std::size_t(k)]).margin(1e-5));
    }
  }
}

TEST_CASE("Modifiers: weights keep their common norm") {
  auto values = torch::tensor({3.0f, 4.0f, 0.0f});
  const auto norm = optim::total_norm(values);
  values.copy_(torch::tensor({1.0f, 2.0f, 2.0f}));
  optim::restore_norm(values, norm);
  CHECK(values[1].item<double>() == Approx(10.0 / 3));
  CHECK(optim::total_norm(values).item<double>() == Approx(5).epsilon(1e-7));
  auto nothing = torch::zeros({3});
  optim::restore_norm(nothing, norm);
  CHECK(nothing.abs().max().item<float>() == 0);
}

TEST_CASE("Modifiers: an update is taken apart into decay and the rest") {
  const auto before = torch::tensor({3.0f, -4.0f, 2.0f}), decay = torch::tensor({1.0f, 1.0f, 0.0f});
  const auto gradient = torch::tensor({-1.0f, 2.0f, 0.5f});
  const auto own = torch::tensor({0.1f, 0.2f, -0.2f}); // the optimizer's part
  const double share = 0.05;                           // of the weights that decay takes
  const auto after = before - share * before * decay + own;
  const auto norms = optim::update_norms(before, after, gradient, decay, share);
  const double dx = 0.1 - 0.15, dy = 0.2 + 0.2, dz = -0.2;
  CHECK(norms.update == Approx(std::sqrt(dx * dx + dy * dy + dz * dz)).epsilon(1e-6));
  CHECK(norms.gradient == Approx(std::sqrt(1 + 4 + 0.25)));
  CHECK(norms.decay_share == Approx(0.25 / 0.3).epsilon(1e-6));
  CHECK(norms.scaling_cosine == Approx((3 + 8 - 1) / (std::sqrt(5.25) * std::sqrt(29.0))));
}
