// The linear transformer's module against loops over tokens, and its short form against its tokens.
#include "tests/tensors/torch_catch.h"

#include <cmath>

#include "engine/models/linear_transformer.h"
#include "engine/training/fused_linear.h"
#include "engine/training/linear_reference.h"

using namespace plateau;
using torch::Tensor;

namespace {

struct Prompts {
  explicit Prompts(std::int64_t batch, std::int64_t context = 7, std::int64_t dimension = 3) {
    torch::manual_seed(batch);
    shape.kind = tasks::InputShape::Kind::Prompts;
    shape.context = context;
    shape.dimension = dimension;
    const auto x = torch::randn({batch, context + 1, dimension});
    const auto y = x.matmul(torch::randn({batch, dimension, 1}));
    targets = y.select(1, context).squeeze(-1).contiguous();
    inputs = torch::cat({x, y}, -1).contiguous();
    inputs.select(1, context).select(1, dimension).zero_();
  }
  tasks::InputShape shape;
  Tensor inputs, targets;
};

study::Settings settings_for(const char* parametrisation, const char* mixing, bool average,
                             std::int64_t features, const char* path) {
  study::Settings settings;
  settings.model.kind = "linear-transformer";
  settings.model.depth = 3;
  settings.model.init_std = 0.3;
  settings.model.parametrisation = parametrisation;
  settings.model.mixing = mixing;
  settings.model.context_average = average;
  settings.model.feature_width = features;
  settings.training.path = path;
  return settings;
}

std::shared_ptr<models::Model> make(const study::Settings& settings, const tasks::InputShape& shape) {
  auto generator = at::detail::createCPUGenerator(5);
  const torch::NoGradGuard no_grad;
  auto model = models::make_linear_transformer(settings, shape, generator);
  model->to(torch::kFloat64);
  return model;
}

/// linear-transformer.md A2, token by token: z_i += 1/n sum_{j <= n} f(z_i^T Q z_j) P z_j.
double predicted(const Tensor& layers, Tensor z, const std::string& mixing, bool average, bool dense) {
  const auto n = z.size(0) - 1, d = z.size(1) - 1;
  for (std::int64_t l = 0; l < layers.size(0); ++l) {
    auto p = torch::zeros({d + 1, d + 1}, torch::kFloat64), q = torch::zeros_like(p);
    const auto width = dense ? d + 1 : d;
    p.narrow(0, 0, width).narrow(1, 0, width).copy_(layers[l][0]);
    q.narrow(0, 0, width).narrow(1, 0, width).copy_(layers[l][1]);
    if (!dense) p[d][d] = 1;
    auto next = z.clone();
    for (std::int64_t i = 0; i <= n; ++i) {
      std::vector<double> scores;
      for (std::int64_t j = 0; j <= n; ++j) scores.push_back(z[i].dot(q.mv(z[j])).item<double>());
      double sum = 0;
      for (const double score : scores) sum += std::exp(score);
      for (std::int64_t j = 0; j < n; ++j) {
        double weight = scores[std::size_t(j)];
        if (mixing == "softmax") weight = std::exp(weight) / sum;
        if (mixing == "relu") weight = std::max(weight, 0.0);
        next[i] += weight * p.mv(z[j]) / (average ? double(n) : 1.0);
      }
    }
    z = next;
  }
  return -z[n][d].item<double>();
}

} // namespace

TEST_CASE("Linear transformer: every form computes what stands in the paper, token by token") {
  const Prompts prompts(4);
  const torch::NoGradGuard no_grad;
  for (const char* parametrisation : {"block-sparse", "dense"})
    for (const char* mixing : {"linear", "softmax", "relu"})
      for (const bool average : {true, false})
        for (const char* path : {"fused", "autograd"}) {
          INFO(parametrisation << ' ' << mixing << ' ' << average << ' ' << path);
          const auto settings = settings_for(parametrisation, mixing, average, 0, path);
          const auto model = make(settings, prompts.shape);
          const auto inputs = prompts.inputs.to(torch::kFloat64);
          const auto answers = model->forward(inputs, {});
          REQUIRE(answers.sizes() == torch::IntArrayRef{4});
          for (std::int64_t i = 0; i < 4; ++i)
            CHECK(answers[i].item<double>() ==
                  Approx(predicted(model->linear_layers().value(), inputs[i], mixing, average,
                                   std::string(parametrisation) == "dense"))
                      .epsilon(1e-9));
        }
}

TEST_CASE("Linear transformer: the short form has the tokens' loss and gradient to 1e-9 in float64") {
  for (const char* parametrisation : {"block-sparse", "dense"})
    for (const std::int64_t features : {0, 6}) {
      INFO(parametrisation << ", " << features << " features");
      const Prompts prompts(50, 20, 5);
      std::vector<Tensor> losses, gradients;
      for (const char* path : {"fused", "autograd"}) {
        const auto model = make(settings_for(parametrisation, "linear", true, features, path), prompts.shape);
        const auto answers = model->forward(prompts.inputs.to(torch::kFloat64), {});
        const auto loss = (answers - prompts.targets.to(torch::kFloat64)).square().mean();
        loss.backward();
        losses.push_back(loss.detach());
        std::vector<Tensor> parts;
        for (const auto& parameter : model->parameters()) parts.push_back(parameter.grad().flatten());
        gradients.push_back(torch::cat(parts));
      }
      CHECK(losses[0].item<double>() == Approx(losses[1].item<double>()).epsilon(1e-9));
      CHECK((gradients[0] - gradients[1]).norm().item<double>() < 1e-9 * gradients[1].norm().item<double>());
    }
}

TEST_CASE("Linear transformer: the fused path's predictions are the module's") {
  const Prompts prompts(33, 20, 5);
  const auto settings = settings_for("block-sparse", "linear", true, 0, "fused");
  const auto model = make(settings, prompts.shape);
  const auto fused = training::FusedLinear<double>::make(*model, prompts.shape, torch::kCPU);
  REQUIRE(fused);
  parallel::WorkerPool pool(1);
  const auto answers = fused->predictions(model->parameters()[0].detach().flatten(), prompts.inputs, pool);
  const torch::NoGradGuard no_grad;
  const auto exact = model->forward(prompts.inputs.to(torch::kFloat64), {});
  CHECK(((answers - exact).abs() / exact.abs().clamp_min(1)).max().item<double>() < 1e-6);
  for (const auto& other : {settings_for("dense", "linear", true, 0, "fused"),
                            settings_for("block-sparse", "softmax", true, 0, "fused"),
                            settings_for("block-sparse", "linear", false, 0, "fused"),
                            settings_for("block-sparse", "linear", true, 6, "fused"),
                            settings_for("block-sparse", "linear", true, 0, "autograd")})
    CHECK_FALSE(training::FusedLinear<float>::make(*make(other, prompts.shape), prompts.shape, torch::kCPU));
}

TEST_CASE("Linear transformer: one tuned step of gradient descent is the known optimum") {
  // With n examples of N(0, I_d) the best single step size is n / (n + d + 1), the loss d (1 - that).
  const Prompts prompts(20000, 20, 5);
  const fused::LinearShape shape{1, 5, 20};
  const fused::LinearPrompts<double> packed(shape, 20000, prompts.inputs.data_ptr<float>(),
                                            prompts.targets.data_ptr<float>());
  parallel::WorkerPool pool(2);
  const auto one = training::linear_reference(shape, packed, pool);
  CHECK(one.gradient_descent == Approx(5 * (1 - 20.0 / 26)).epsilon(0.05));
  CHECK(one.preconditioned == Approx(one.gradient_descent)); // the only layer's P never reaches the output

  const fused::LinearShape deep{8, 5, 20};
  const fused::LinearPrompts<double> few(deep, 500, prompts.inputs.data_ptr<float>(),
                                         prompts.targets.data_ptr<float>());
  const auto eight = training::linear_reference(deep, few, pool);
  CHECK(eight.gradient_descent < 0.05);
  CHECK(eight.preconditioned <= eight.gradient_descent);
}
