// Formulas on tensors, checked in float64 against finite differences, LibTorch's own optimizer or plain
// loops.
#include "tests/tensors/torch_catch.h"

#include "engine/errors.h"
#include "engine/optim/gradient_rescaling.h"
#include "engine/optim/optimizer.h"
#include "engine/optim/schedules.h"
#include "engine/study/fields.h"

using namespace plateau;
using torch::Tensor;

namespace {

/// A model of two plain matrices and a bias, to optimize.
struct TwoMatrices : models::Model {
  TwoMatrices() {
    torch::manual_seed(1);
    a = register_parameter("a", torch::randn({4, 3}));
    bias = register_parameter("bias", torch::randn({4}));
    b = register_parameter("b", torch::randn({2, 4}));
  }
  Tensor forward(const Tensor& x, const models::ForwardOptions&) override {
    return torch::relu(x.matmul(a.t()) + bias).matmul(b.t());
  }
  std::vector<models::WeightGroup> weight_groups() const override { return {}; }
  Tensor a, bias, b;
};

} // namespace

TEST_CASE("AdamW on the flat buffer is LibTorch's AdamW") {
  TwoMatrices ours, theirs;
  optim::ParameterBuffer buffer(ours, torch::kCPU);
  optim::Optimizer adamw(buffer);
  parallel::WorkerPool pool(2);
  study::OptimizerSettings settings;
  settings.weight_decay = 0.1;
  const auto with_decay = [](double decay) {
    auto options = std::make_unique<torch::optim::AdamWOptions>(1e-2);
    options->weight_decay(decay);
    return options;
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{theirs.a, theirs.b}, with_decay(0.1));
  groups.emplace_back(std::vector<Tensor>{theirs.bias}, with_decay(0.0)); // biases do not decay
  torch::optim::AdamW reference(groups, torch::optim::AdamWOptions(1e-2));
  for (int step = 0; step < 50; ++step) {
    const auto x = torch::randn({8, 3});
    buffer.gradients.zero_();
    ours.forward(x, {}).square().mean().backward();
    adamw.step(buffer, settings, 1e-2, pool);
    reference.zero_grad();
    theirs.forward(x, {}).square().mean().backward();
    reference.step();
  }
  CHECK((ours.a - theirs.a).abs().max().item<float>() < 1e-5f);
  CHECK((ours.b - theirs.b).abs().max().item<float>() < 1e-5f);
  CHECK((ours.bias - theirs.bias).abs().max().item<float>() < 1e-5f);
  CHECK(buffer.values.data_ptr<float>() == ours.a.data_ptr<float>()); // still views of the buffer
}

TEST_CASE("Gradient re-scaling makes the sizes that it promises") {
  const auto sizes = [](const Tensor& gradient, std::int64_t heads) {
    return gradient.view({3, heads, -1}).abs().mean(-1); // [3, heads]
  };
  const std::int64_t heads = 2, width = 6;
  for (const std::string method : {"none", "mean", "mean-to-value", "per-head-to-value"}) {
    INFO(method);
    torch::manual_seed(3);
    auto weight = torch::zeros({3 * width, width}).requires_grad_(true);
    const auto gradient = torch::randn({3 * width, width}) *
                          torch::tensor({1e-3f, 1e-2f, 1.0f}).repeat_interleave(width).unsqueeze(1);
    weight.mutable_grad() = gradient.clone();
    optim::rescale_gradients(method, {{weight, heads}});
    const auto before = sizes(gradient, heads), after = sizes(weight.grad(), heads);
    const auto value = before[2];
    if (method == "none") CHECK(torch::equal(weight.grad(), gradient));
    if (method == "mean")
      for (int part = 0; part < 3; ++part)
        CHECK(after[part].mean().item<float>() == Approx(gradient.abs().mean().item<float>()));
    if (method == "mean-to-value")
      for (int part = 0; part < 3; ++part)
        CHECK(after[part].mean().item<float>() == Approx(value.mean().item<float>()));
    if (method == "per-head-to-value")
      for (int part = 0; part < 3; ++part)
        for (int head = 0; head < heads; ++head)
          CHECK(after[part][head].item<float>() == Approx(value[head].item<float>()));
    if (method.ends_with("value")) // V itself is untouched
      CHECK(torch::allclose(weight.grad().slice(0, 2 * width), gradient.slice(0, 2 * width)));
  }
}

TEST_CASE("Schedules: warm-up, cosine, heat treatment") {
  study::OptimizerSettings optimizer;
  optimizer.learning_rate = 1e-3;
  optimizer.warmup_steps = 10;
  CHECK(optim::learning_rate(optimizer, 0, 100) == Approx(1e-4));
  CHECK(optim::learning_rate(optimizer, 9, 100) == Approx(1e-3));
  CHECK(optim::learning_rate(optimizer, 99, 100) == Approx(1e-3));
  optimizer.schedule = "cosine";
  optimizer.minimum_learning_rate = 1e-5;
  CHECK(optim::learning_rate(optimizer, 50, 100) == Approx((1e-3 + 1e-5) / 2));
  CHECK(optim::learning_rate(optimizer, 100, 100) == Approx(1e-5));

  study::AttentionSettings attention; // the paper's: 1/tau from 3 to 1/8 at d_k = 64, so tau/8 from 1/24 to 1
  CHECK(optim::temperature(attention, 0, 100) == 1);
  attention.schedule = "half-cosine";
  CHECK(optim::temperature(attention, 0, 100) == Approx(1.0 / 24));
  CHECK(1 / optim::temperature(attention, 25, 100) == Approx((24 + 1) / 2.0)); // half-way in the multiplier
  CHECK(optim::temperature(attention, 50, 100) == 1);
  CHECK(optim::temperature(attention, 99, 100) == 1);
  attention.schedule = "linear";
  CHECK(1 / optim::temperature(attention, 10, 100) == Approx(24 - 23 * 0.2));
  attention.schedule = "cosine";
  CHECK(1 / optim::temperature(attention, 50, 100) == Approx((24 + 1) / 2.0));
  CHECK(optim::temperature(attention, 100, 100) == 1);
}
