// The fused path against autograd in float64, over random models; its kernels against plain loops.
#include "tests/tensors/torch_catch.h"

#include <bit>

#include "engine/attention/variant.h"
#include "engine/fused/kernels.h"
#include "engine/models/transformer.h"
#include "engine/training/device.h"
#include "engine/training/fused_model.h"
#include "tests/tensors/random_transformer.h"

using namespace plateau;
using namespace plateau::testing;
using models::TransformerShape;
using torch::Tensor;

namespace {

/// A model with its gradient from autograd in float64 and from the fused path.
struct Pair {
  Pair(const TransformerShape& shape, std::int64_t batch, unsigned seed)
      : shape(shape), batch(batch), seed(seed), model(make(seed)), buffer(*model, torch::kCPU) {
    auto generator = at::detail::createCPUGenerator(seed);
    const auto numbers = [&](std::int64_t below, at::IntArrayRef sizes) {
      return torch::randint(below, sizes, generator, torch::kInt64);
    };
    inputs = random_inputs(shape, batch, generator);
    labels = shape.read == TransformerShape::Read::All ? numbers(shape.classes, {batch, shape.positions})
                                                       : numbers(shape.classes, {batch});
  }

  std::shared_ptr<models::Model> make(unsigned seed) const {
    auto generator = at::detail::createCPUGenerator(seed);
    return models::make_transformer(shape, generator);
  }

  models::ForwardOptions options(at::Generator* noise) const {
    models::ForwardOptions options;
    options.variant = &attention::find_variant(variant);
    options.attention = &settings;
    options.temperature = temperature;
    options.training = true;
    options.generator = noise;
    return options;
  }

  Tensor autograd_gradient(double& loss, Tensor& logits, at::ScalarType type = torch::kFloat64) const {
    auto exact = make(seed);
    exact->to(type);
    auto noise = at::detail::createCPUGenerator(7);
    logits = exact->forward(inputs.is_floating_point() ? inputs.to(type) : inputs, options(&noise));
    namespace F = torch::nn::functional;
    const auto value = F::cross_entropy(logits.reshape({-1, shape.classes}), labels.flatten(),
                                        F::CrossEntropyFuncOptions().label_smoothing(smoothing));
    value.backward();
    loss = value.item<double>();
    std::vector<Tensor> parts;
    for (const auto& parameter : exact->parameters())
      parts.push_back(parameter.grad().defined() ? parameter.grad().flatten()
                                                 : torch::zeros({parameter.numel()}, type));
    return torch::cat(parts);
  }

  training::FusedModel::Result fused_gradient(fused::Precision precision, int threads) {
    parallel::WorkerPool pool(threads);
    auto fused = training::FusedModel::make(*model, buffer, precision);
    auto noise = at::detail::createCPUGenerator(7);
    buffer.gradients.fill_(std::numeric_limits<float>::quiet_NaN()); // everything must be written
    return fused->gradient(inputs, labels, smoothing, options(&noise), buffer, pool);
  }

  const TransformerShape shape;
  std::int64_t batch;
  unsigned seed;
  std::string variant = "softmax";
  study::AttentionSettings settings;
  double temperature = 1, smoothing = 0;
  std::shared_ptr<models::Model> model;
  optim::ParameterBuffer buffer;
  Tensor inputs, labels;
};

double relative_error(const Tensor& a, const Tensor& exact) {
  return ((a.to(torch::kFloat64) - exact).norm() / exact.norm()).item<double>();
}

/// Random models.
Pair random_pair(unsigned seed) {
  Dice dice(seed);
  auto shape = random_shape(dice);
  const auto variant =
      dice.one_of<const char*>({"softmax", "norm-softmax", "norm-softmax-std", "softmax-plus-one", "soft-cap",
                                "sparsemax", "entmax-1.5", "sigmoid", "relu", "linear"});
  std::int64_t batch = dice.between(1, 40);
  if (shape.has_tokens() && dice.toss()) {
    // More than twice as many samples in each lane as there are tokens: the first layer is looked up in a
    // table.
    shape.vocabulary = dice.between(3, 8);
    batch = 8 * (2 * shape.vocabulary + dice.between(1, 10));
  }
  Pair pair(shape, batch, seed);
  pair.variant = variant;
  if (std::string(variant) != "linear")
    pair.settings.laser = dice.one_of<const char*>({"off", "off", "max-shift", "softclamp"});
  pair.settings.laser_clamp = 3;
  pair.settings.soft_cap = dice.one_of({0.5, 4.0});
  pair.settings.relu_exponent = dice.one_of({1.0, 0.6});
  pair.temperature = dice.one_of({0.05, 0.3, 1.0});
  pair.smoothing = dice.toss() ? 0.1 : 0;
  return pair;
}

} // namespace

TEST_CASE("Fused: loss, logits and gradients of random transformers are autograd's") {
  training::use_one_thread_here(); // LibTorch's rounding then is the same everywhere
  parallel::WorkerPool pool(1);
  for (unsigned seed = 0; seed < 120; ++seed) {
    auto pair = random_pair(seed);
    INFO("seed " << seed << ", " << pair.variant << ", " << pair.shape.positions << " tokens, width "
                 << pair.shape.width);
    double loss = 0;
    Tensor logits;
    const auto exact = pair.autograd_gradient(loss, logits);
    const auto result = pair.fused_gradient(fused::Precision::Float32, 1);
    // Cold attention and kinks make some models hard for any float32: then as good as autograd's own.
    double rounded_loss = 0;
    Tensor rounded;
    const double usual =
        relative_error(pair.autograd_gradient(rounded_loss, rounded, torch::kFloat32), exact);
    CHECK(std::abs(result.loss - loss) < std::max(1e-5 * loss, 20 * std::abs(rounded_loss - loss)));
    // What lies within rounding of a kink passes its gradient or not: no formula is wrong by so little.
    const bool kinks = pair.shape.activation == TransformerShape::Activation::Relu ||
                       pair.variant == "relu" || pair.variant == "sparsemax" || pair.variant == "entmax-1.5";
    const double floor = kinks ? 2e-3 : 1e-5;
    CHECK(relative_error(pair.buffer.gradients, exact) < std::max(floor, 20 * usual));
    const auto right = (logits.argmax(-1) == pair.labels).to(torch::kFloat64).mean().item<double>();
    // Two largest logits that rounding cannot tell apart may change places.
    const auto top = std::get<0>(logits.detach().topk(2, -1));
    const auto near = top.select(-1, 0) - top.select(-1, 1) < 2e-5 * logits.detach().abs().max();
    CHECK(std::abs(result.accuracy - right) <= near.to(torch::kFloat64).mean().item<double>() + 1e-9);

    auto quiet = pair.options(nullptr);
    quiet.training = false;
    const torch::NoGradGuard no_grad;
    const auto fused = training::FusedModel::make(*pair.model, pair.buffer, fused::Precision::Float32);
    const auto computed = fused->logits(pair.inputs, quiet, pair.buffer, pool);
    auto exact_model = pair.make(seed);
    exact_model->to(torch::kFloat64);
    const auto exact_inputs = pair.inputs.is_floating_point() ? pair.inputs.to(torch::kFloat64) : pair.inputs;
    const auto as_exact_as = [](const Tensor& ours, const Tensor& theirs, const Tensor& expected) {
      REQUIRE(ours.sizes() == expected.sizes());
      CHECK(relative_error(ours, expected) < std::max(1e-5, 20 * relative_error(theirs, expected)));
    };
    as_exact_as(computed, pair.model->forward(pair.inputs, quiet), exact_model->forward(exact_inputs, quiet));

    // What probes look at, with attention and without.
    for (const auto mixing : {models::Mixing::Attention, models::Mixing::Identity}) {
      models::Activations expected, theirs, ours;
      quiet.mixing = mixing;
      quiet.record = &expected;
      exact_model->forward(exact_inputs, quiet);
      quiet.record = &theirs;
      pair.model->forward(pair.inputs, quiet);
      quiet.record = &ours;
      fused->probe(pair.inputs, quiet, pair.buffer, pool);
      as_exact_as(ours.features, theirs.features, expected.features);
      REQUIRE(ours.attention.size() == expected.attention.size());
      REQUIRE(ours.hidden.size() == expected.hidden.size());
      REQUIRE(ours.reads.size() == theirs.reads.size());
      for (std::size_t i = 0; i < ours.reads.size(); ++i) {
        CHECK(ours.reads[i].entries == theirs.reads[i].entries);
        CHECK(ours.reads[i].zeros == theirs.reads[i].zeros);
        CHECK(ours.reads[i].non_finite == theirs.reads[i].non_finite);
      }
      for (std::size_t i = 0; i < ours.hidden.size(); ++i)
        as_exact_as(ours.hidden[i], theirs.hidden[i], expected.hidden[i]);
      for (std::size_t i = 0; i < ours.attention.size(); ++i)
        as_exact_as(ours.attention[i], theirs.attention[i], expected.attention[i]);
    }
  }
}

TEST_CASE("Fused: the number of threads changes no bit, and a second step with the same numbers neither") {
  for (const auto precision : {fused::Precision::Float32, fused::Precision::Bfloat16}) {
    TransformerShape shape;
    shape.vocabulary = 9;
    shape.positions = 16;
    shape.depth = 2;
    shape.hidden = 48;
    shape.classes = 7;
    Pair pair(shape, 40, 3);
    REQUIRE(fused::lane_count(40, 16) == 5); // else there would be nothing to divide
    pair.fused_gradient(precision, 1);
    const auto once = pair.buffer.gradients.clone();
    for (const int threads : {1, 2, 5}) {
      pair.fused_gradient(precision, threads);
      CHECK(torch::equal(pair.buffer.gradients, once));
    }
  }
}

TEST_CASE("Fused: bfloat16 products stay near the exact gradient") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    // As models are trained: without norms, or with cold attention, rounding is amplified by the model
    // itself.
    auto shape = random_pair(seed).shape;
    shape.attention_norm = shape.mlp_norm = shape.final_norm = true;
    shape.activation = TransformerShape::Activation::Gelu;
    shape.init_std = 0.05;
    Pair pair(shape, 32, seed);
    INFO("seed " << seed);
    double loss = 0;
    Tensor logits;
    const auto exact = pair.autograd_gradient(loss, logits);
    const auto result = pair.fused_gradient(fused::Precision::Bfloat16, 2);
    CHECK(result.loss == Approx(loss).epsilon(2e-2));
    const double error = relative_error(pair.buffer.gradients, exact);
    CHECK(error < 0.05);
    CHECK(error > 1e-4); // the products do round
  }
}

TEST_CASE("Fused: models that it cannot compute are left to autograd") {
  study::Settings settings;
  settings.model.kind = "resnet";
  auto generator = at::detail::createCPUGenerator(1);
  const auto model = models::make_model(settings, {.channels = 3, .height = 28, .width = 28}, 10, generator);
  const optim::ParameterBuffer buffer(*model, torch::kCPU);
  CHECK_FALSE(training::FusedModel::make(*model, buffer, fused::Precision::Float32));
}

TEST_CASE("Kernels: GELU and its slope are exact to float32 everywhere") {
  std::vector<float> x, slope;
  for (double value = -12; value <= 12; value += 0.0137) x.push_back(float(value));
  const auto inputs = x;
  slope.resize(x.size());
  const std::vector<float> zeros(x.size());
  fused::bias_activation(x.data(), zeros.data(), 1, std::int64_t(x.size()), fused::Activation::Gelu,
                         slope.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = inputs[i], cumulative = 0.5 * std::erfc(-v / std::sqrt(2.0));
    const double density = std::exp(-v * v / 2) / std::sqrt(2 * M_PI);
    INFO(v);
    CHECK(std::abs(x[i] - v * cumulative) < 4e-7 * std::max(1.0, std::abs(v)));
    CHECK(std::abs(slope[i] - (cumulative + v * density)) < 5e-7);
  }
}

TEST_CASE("Kernels: cross entropy stays finite and right at extreme logits") {
  std::vector<float> logits{1000, 0, -1000, 5, 5, 5};
  const std::vector<std::int64_t> labels{2, 1};
  std::vector<float> gradient(6);
  const auto sums = fused::cross_entropy(logits.data(), labels.data(), 2, 3, 0, 1, gradient.data());
  CHECK(sums.loss == Approx(2000 + std::log(3.0)));
  CHECK(sums.correct == 0); // of equal logits the first counts, as in argmax
  const std::vector<float> expected{1, 0, -1, 1.f / 3, -2.f / 3, 1.f / 3};
  for (std::size_t i = 0; i < 6; ++i) CHECK(gradient[i] == Approx(expected[i]).margin(1e-6));
}

TEST_CASE("Kernels: bfloat16 rounds to nearest, ties to even, and keeps NaN and infinity") {
  std::vector<float> x{1,     1.00390625f, 1.01171875f, -3.14159265f, 1e-40f,
                       65504, INFINITY,    -INFINITY,   NAN,          3.4e38f};
  std::mt19937 engine(3);
  while (x.size() < 1000) {
    const float value = std::bit_cast<float>(std::uint32_t(engine()));
    if (std::isfinite(value)) x.push_back(value);
  }
  std::vector<std::uint16_t> y(x.size());
  fused::to_bfloat16(x.data(), std::int64_t(x.size()), y.data());
  const auto reference = torch::tensor(x).to(torch::kBFloat16).to(torch::kFloat32);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float back = std::bit_cast<float>(std::uint32_t(y[i]) << 16),
                expected = reference[std::int64_t(i)].item<float>();
    INFO(x[i]);
    CHECK((back == expected || (std::isnan(back) && std::isnan(expected))));
  }
}
