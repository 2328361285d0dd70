// The losses: the definition against loops and finite differences in float64; the fused path against it.
#include "tests/tensors/torch_catch.h"

#include <cmath>

#include "engine/fused/loss.h"
#include "engine/training/fused_model.h"
#include "engine/training/loss.h"
#include "tests/tensors/random_transformer.h"

using namespace plateau;
using fused::LossKind;
using torch::Tensor;

namespace {

constexpr LossKind kinds[] = {LossKind::CrossEntropy, LossKind::StableMax, LossKind::Squared};

/// 5 classes, 2 groups of 3 levels after one logit that nobody asks for; 7 rows, some without label.
struct Example {
  explicit Example(unsigned seed, double spread = 2) {
    auto generator = at::detail::createCPUGenerator(seed);
    logits = spread * torch::randn({7, 12}, generator, torch::kFloat64);
    targets.labels = torch::tensor({4, -1, 0, 2, -1, 2, 1}, torch::kInt64);
    targets.extra = torch::randint(-1, 3, {7, 2}, generator, torch::kInt64);
    loss.classes = 5;
    loss.extra_begin = 6;
    loss.extra_groups = 2;
    loss.extra_levels = 3;
  }
  Tensor logits;
  training::Targets targets;
  fused::Loss loss;
};

double log_sum_exp(const double* z, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += std::exp(z[i]);
  return std::log(sum);
}

/// The formulas of fused/loss.h, term by term: {labels, total}.
std::pair<double, double> by_loops(const Example& example) {
  const auto& loss = example.loss;
  const double* z = example.logits.data_ptr<double>();
  const auto* label = example.targets.labels.data_ptr<std::int64_t>();
  const auto* extra = example.targets.extra.data_ptr<std::int64_t>();
  double labels = 0, second = 0, labelled = 0, asked = 0;
  for (int row = 0; row < 7; ++row, z += 12, extra += 2) {
    if (label[row] < 0) continue;
    ++labelled;
    double total = 0;
    const auto s = [](double x) { return x >= 0 ? x + 1 : 1 / (1 - x); };
    for (int c = 0; c < 5; ++c) total += s(z[c]);
    for (int c = 0; c < 5; ++c) {
      const double t = (c == label[row] ? 1 - loss.smoothing : 0) + loss.smoothing / 5;
      if (loss.kind == LossKind::CrossEntropy) labels -= t * (z[c] - log_sum_exp(z, 5));
      if (loss.kind == LossKind::StableMax) labels -= t * std::log(s(z[c]) / total);
      if (loss.kind == LossKind::Squared) labels += (z[c] - t) * (z[c] - t) / 5;
    }
    for (int group = 0; group < 2; ++group) {
      if (extra[group] < 0) continue;
      ++asked;
      const double* part = z + 6 + 3 * group;
      second += log_sum_exp(part, 3) - part[extra[group]];
    }
  }
  return {labels / labelled, labels / labelled + loss.extra_weight * second / asked};
}

std::vector<Example> examples() {
  std::vector<Example> list;
  for (const auto kind : kinds)
    for (const double smoothing : {0.0, 0.2})
      for (const double weight : {0.0, 0.7}) {
        Example example(unsigned(list.size()));
        example.loss.kind = kind;
        example.loss.smoothing = smoothing;
        example.loss.extra_weight = weight;
        list.push_back(std::move(example));
      }
  return list;
}

Tensor autograd(const Example& example, const Tensor& logits) {
  const auto leaf = logits.detach().to(torch::kFloat64).requires_grad_();
  training::mean_losses(leaf, example.targets, example.loss).total.backward();
  return leaf.grad();
}

} // namespace

TEST_CASE("Losses: each is its formula, and its gradient is that of finite differences") {
  for (const auto& example : examples()) {
    INFO(int(example.loss.kind) << " smoothing " << example.loss.smoothing << " extra "
                                << example.loss.extra_weight);
    const auto losses = training::mean_losses(example.logits, example.targets, example.loss);
    const auto [labels, total] = by_loops(example);
    CHECK(losses.labels.item<double>() == Approx(labels).epsilon(1e-13));
    CHECK(losses.total.item<double>() == Approx(total).epsilon(1e-13));
    const auto gradient = autograd(example, example.logits);
    auto moved = example.logits.clone();
    constexpr double step = 1e-5;
    for (std::int64_t i = 0; i < moved.numel(); ++i) {
      double* z = moved.data_ptr<double>() + i;
      const double at = *z;
      const auto value = [&](double shift) {
        *z = at + shift;
        return training::mean_losses(moved, example.targets, example.loss).total.item<double>();
      };
      const double slope = (value(step) - value(-step)) / (2 * step);
      *z = at;
      CHECK(gradient.flatten()[i].item<double>() == Approx(slope).epsilon(1e-7).margin(1e-9));
    }
  }
}

TEST_CASE("Losses: the fused gradient by the logits is autograd's, in float32 and in float64") {
  for (auto example : examples())
    for (const bool in_double : {false, true}) {
      INFO(int(example.loss.kind) << " smoothing " << example.loss.smoothing << " extra "
                                  << example.loss.extra_weight << " double " << in_double);
      example.loss.in_double = in_double;
      const auto logits = example.logits.to(torch::kFloat32);
      const auto expected = autograd(example, logits);
      const auto labels =
          training::mean_losses(logits.to(torch::kFloat64), example.targets, example.loss).labels;
      // An offset and the rest of the logits make the logits.
      const auto offsets = torch::full_like(logits, 0.5), rest = logits - offsets;
      auto computed = rest.clone();
      const fused::LossTargets targets{example.targets.labels.data_ptr<std::int64_t>(),
                                       example.targets.extra.data_ptr<std::int64_t>(),
                                       offsets.data_ptr<float>()};
      const auto counts = fused::count_targets(example.loss, targets, 7);
      CHECK(counts.labels == 5);
      const auto sums =
          fused::loss_gradient(example.loss, targets, counts, 7, 12, computed.data_ptr<float>());
      CHECK(sums.loss / 5 == Approx(labels.item<double>()).epsilon(1e-6));
      CHECK(double(sums.correct) / 5 == training::accuracy(logits, example.targets.labels, 5).item<double>());
      CHECK((computed.to(torch::kFloat64) - expected).abs().max().item<double>() < 2e-7);
      CHECK(computed[1].abs().max().item<float>() == 0); // no label, no gradient
    }
}

TEST_CASE("Losses: StableMax has the slope 1 at logits of zero") {
  Example example(1, 0);
  example.loss.kind = LossKind::StableMax;
  const auto gradient = autograd(example, example.logits);
  CHECK(gradient[0][4].item<double>() == Approx((0.2 - 1) / 5));
  CHECK(gradient[0][3].item<double>() == Approx(0.2 / 5));
}

TEST_CASE("Losses: in float64 a sure sample still has a gradient, in float32 it has none") {
  for (const double gap : {20.0, 30.0, 60.0}) {
    const std::int64_t label = 1;
    fused::Loss loss;
    for (const bool in_double : {false, true}) {
      loss.in_double = in_double;
      std::vector<float> z{0, float(gap), 0, 0};
      const auto sums = fused::loss_gradient(loss, {&label, nullptr, nullptr}, {}, 1, 4, z.data());
      CHECK(sums.correct == 1);
      if (in_double) {
        CHECK(sums.loss == Approx(3 * std::exp(-gap)).epsilon(1e-6));
        CHECK(z[1] == Approx(-3 * std::exp(-gap)).epsilon(1e-6));
        CHECK(z[0] == Approx(std::exp(-gap)).epsilon(1e-6));
      } else {
        CHECK(z[1] == 0); // softmax collapse
      }
    }
  }
}

TEST_CASE("Losses: whole models with masked labels, a second loss and offsets are autograd's") {
  using models::TransformerShape;
  using testing::Dice;
  for (unsigned seed = 0; seed < 12; ++seed) {
    Dice dice(seed);
    auto shape = testing::random_shape(dice);
    shape.drop_path = 0;
    shape.read = TransformerShape::Read::All;
    shape.activation = TransformerShape::Activation::Gelu; // no kinks
    shape.classes = 4 + 1 + 2 * 3;
    shape.readout_bias = true;
    fused::Loss loss;
    loss.kind = kinds[seed % 3];
    loss.in_double = dice.toss();
    loss.smoothing = dice.one_of({0.0, 0.1});
    loss.classes = 4;
    loss.extra_weight = dice.one_of({0.0, 0.3});
    loss.extra_begin = 5;
    loss.extra_groups = 2;
    loss.extra_levels = 3;
    const std::int64_t batch = 24;
    auto numbers = at::detail::createCPUGenerator(seed);
    const auto inputs = testing::random_inputs(shape, batch, numbers);
    training::Targets targets;
    targets.labels = torch::randint(-1, 4, {batch, shape.positions}, numbers, torch::kInt64);
    targets.extra = torch::randint(-1, 3, {batch, shape.positions, 2}, numbers, torch::kInt64);
    targets.offsets = torch::randn({batch, shape.positions, shape.classes}, numbers);
    const auto make = [&] {
      auto generator = at::detail::createCPUGenerator(seed);
      return models::make_transformer(shape, generator);
    };
    const auto exact = make();
    exact->to(torch::kFloat64);
    models::ForwardOptions options;
    const auto logits =
        exact->forward(inputs.is_floating_point() ? inputs.to(torch::kFloat64) : inputs, options);
    const auto losses = training::mean_losses(logits + targets.offsets, targets, loss);
    losses.total.backward();
    std::vector<Tensor> parts;
    for (const auto& parameter : exact->parameters())
      parts.push_back(parameter.grad().defined() ? parameter.grad().flatten()
                                                 : torch::zeros({parameter.numel()}, torch::kFloat64));
    const auto expected = torch::cat(parts);

    const auto model = make();
    optim::ParameterBuffer buffer(*model, torch::kCPU);
    Tensor once;
    for (const int threads : {1, 3}) {
      parallel::WorkerPool pool(threads);
      const auto fused = training::FusedModel::make(*model, buffer, fused::Precision::Float32);
      const auto result = fused->gradient(inputs, targets, loss, options, buffer, pool);
      INFO("seed " << seed << " kind " << int(loss.kind));
      CHECK(result.loss == Approx(losses.labels.item<double>()).epsilon(1e-4));
      CHECK(result.accuracy ==
            Approx(training::accuracy(logits + targets.offsets, targets.labels, 4).item<double>()));
      CHECK(((buffer.gradients.to(torch::kFloat64) - expected).norm() / expected.norm()).item<double>() <
            1e-4);
      if (once.defined()) CHECK(torch::equal(once, buffer.gradients));
      once = buffer.gradients.clone();
    }
  }
}
