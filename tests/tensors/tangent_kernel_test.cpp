// The tangent kernel and how far it drifted.
#include "tests/tensors/torch_catch.h"

#include "engine/probes/features.h"
#include "engine/training/learner.h"
#include "tests/tensors/factor_data.h"

using namespace plateau;
using torch::Tensor;

namespace {

Tensor randn(std::vector<std::int64_t> shape) {
  return torch::randn(shape, torch::kFloat64);
}

/// z = B tanh(A x), and a parameter that is not in use.
struct TinyModel : models::Model {
  TinyModel() {
    a = register_parameter("a", randn({4, 3}));
    b = register_parameter("b", randn({2, 4}));
    register_parameter("unused", randn({5}));
  }
  Tensor forward(const Tensor& inputs, const models::ForwardOptions&) override {
    return inputs.matmul(a.t()).tanh().matmul(b.t());
  }
  std::vector<models::WeightGroup> weight_groups() const override { return {}; }
  Tensor a, b;
};

} // namespace

TEST_CASE("Features: the tangent kernel against finite differences") {
  torch::manual_seed(9);
  TinyModel model;
  const auto inputs = randn({6, 3});
  const torch::NoGradGuard no_grad; // as probes are called
  const auto kernel = probes::tangent_kernel(model, inputs, {});
  auto expected = torch::zeros({6, 6}, torch::kFloat64);
  for (const auto& parameter : model.parameters()) {
    const auto flat = parameter.view({-1});
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
      const double kept = flat[i].item<double>(), step = 1e-5;
      flat[i] = kept + step;
      const auto up = model.forward(inputs, {}).sum(1);
      flat[i] = kept - step;
      const auto gradient = (up - model.forward(inputs, {}).sum(1)) / (2 * step);
      flat[i] = kept;
      expected += gradient.unsqueeze(1) * gradient.unsqueeze(0);
    }
  }
  CHECK((kernel - expected).abs().max().item<double>() < 1e-8 * expected.abs().max().item<double>());
  CHECK(probes::kernel_drift(kernel, kernel) == 0);
  CHECK(probes::kernel_drift(kernel * 3, kernel) == Approx(2).epsilon(1e-12));
  for (const auto& parameter : model.parameters()) CHECK_FALSE(parameter.grad().defined());
}

TEST_CASE(
    "Features: an untrained model's tangent kernel has not drifted, also where a second loss has outputs") {
  auto settings = testing::factor_settings();
  settings.probes.kernel_samples = 6;
  const training::TaskData data(settings.task, 0, torch::kCPU);
  parallel::WorkerPool pool(1);
  training::Learner learner(settings, 5, data, torch::kCPU, pool);
  training::Learner::ProbeSelection selection;
  selection.kernel = true;
  const auto drift = [&](std::int64_t step) {
    const auto output = learner.probe(selection, step, 10);
    REQUIRE(output.scalars.size() == 1);
    CHECK(output.scalars[0].first == "features/kernel-drift");
    return output.scalars[0].second;
  };
  CHECK(drift(0) == 0);
  for (std::int64_t step = 0; step < 3; ++step) learner.train_step(step, 10, {});
  CHECK(drift(3) > 1e-3);
}
