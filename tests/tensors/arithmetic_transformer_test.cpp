// The grokking study's transformer and the decoder over pairs: formulas, initial weights, decay, and the
// fused path in every placement of the norms.
#include "tests/tensors/torch_catch.h"

#include "engine/attention/variant.h"
#include "engine/errors.h"
#include "engine/training/fused_model.h"
#include "tests/tensors/plain_transformer.h"
#include "tests/tensors/random_transformer.h"

using namespace plateau;
using namespace plateau::testing;
using torch::Tensor;

namespace {

const std::vector<std::string> all_norms{"none",   "qk",    "v",       "qkv",  "mlp",
                                         "qk+mlp", "v+mlp", "qkv+mlp", "post", "peri"};

tasks::InputShape addition(std::int64_t modulus) {
  return {.kind = tasks::InputShape::Kind::Tokens, .vocabulary = modulus + 1, .positions = 3};
}

study::ModelSettings grokking(const std::string& norms) {
  study::ModelSettings model;
  model.kind = "arithmetic-transformer";
  model.depth = 1;
  model.width = 128;
  model.heads = 4;
  model.mlp_ratio = 4;
  model.norms = norms;
  return model;
}

std::shared_ptr<models::Model> make(const study::ModelSettings& model, const tasks::InputShape& input,
                                    std::int64_t classes, unsigned seed = 1) {
  study::Settings settings;
  settings.model = model;
  auto generator = at::detail::createCPUGenerator(seed);
  return models::make_model(settings, input, classes, generator);
}

/// Initial norms and biases are alike for all channels; what is tested must not depend on that.
void stir(models::Model& model) {
  const torch::NoGradGuard no_grad;
  auto generator = at::detail::createCPUGenerator(9);
  for (auto& parameter : model.parameters())
    parameter.add_(torch::randn(parameter.sizes(), generator).to(parameter.dtype()), 0.2);
}

double norm_of_all(const models::Model& model) {
  double squares = 0;
  for (const auto& parameter : model.parameters())
    squares += parameter.detach().to(torch::kFloat64).square().sum().item<double>();
  return std::sqrt(squares);
}

} // namespace

TEST_CASE("Arithmetic transformer: every placement and kind of norm is its formula") {
  for (const auto& norms : all_norms)
    for (const bool rms : {false, true})
      for (const std::int64_t depth : {1, 2})
        for (const double ratio : {0.0, 1.5}) {
          INFO(norms << (rms ? ", RMS" : "") << ", " << depth << " layers, MLP ratio " << ratio);
          auto settings = grokking(norms);
          settings.width = 16;
          settings.depth = depth;
          settings.mlp_ratio = ratio;
          settings.norm_kind = rms ? "rms-norm" : "layer-norm";
          settings.readout_scale = 1.7;
          const auto model = make(settings, addition(7), 8);
          model->to(torch::kFloat64);
          stir(*model);
          const torch::NoGradGuard no_grad;
          auto generator = at::detail::createCPUGenerator(2);
          const auto tokens = torch::randint(8, {20, 3}, generator, torch::kInt64);
          const auto p = parameters_of(*model);
          const auto shape = models::arithmetic_shape(settings, addition(7), 8);
          CHECK(torch::allclose(model->forward(tokens, {}), Plain{shape, p, norms, rms}(tokens).logits, 1e-10,
                                1e-11));
          // Any norm brings both.
          for (const char* name : {"block1.norm1.weight", "block1.norm2.weight"})
            CHECK(p.count(name) == (norms != "none"));
          CHECK(p.count("block1.norm1.bias") == (norms != "none" && !rms));
          CHECK(p.count("block1.expand.weight") == (ratio > 0));
          for (const auto& [name, parameter] : p) CHECK(model->decays(name, parameter));
        }
  CHECK_THROWS_AS(models::arithmetic_shape(grokking("mlp+qk"), addition(7), 8), InputError);
  CHECK_THROWS_AS(models::arithmetic_shape(grokking("qk+v"), addition(7), 8), InputError);
}

TEST_CASE("Arithmetic transformer: initial weights are the paper's") {
  // Norms of all parameters in the released curves (grokking.md 1.2).
  CHECK(norm_of_all(*make(grokking("none"), addition(113), 114)) == Approx(31.84).margin(0.15));
  CHECK(norm_of_all(*make(grokking("qk"), addition(113), 114)) == Approx(35.63).margin(0.15));
  auto doubled = grokking("none");
  doubled.init_scale = 2;
  CHECK(norm_of_all(*make(doubled, addition(113), 114)) ==
        Approx(2 * norm_of_all(*make(grokking("none"), addition(113), 114))));

  const auto p = parameters_of(*make(grokking("qkv"), addition(113), 114));
  const auto spread = [&](const char* name) { return p.at(name).std().item<double>(); };
  const auto largest = [&](const char* name) { return p.at(name).abs().max().item<double>(); };
  CHECK(spread("embedding.weight") == Approx(1 / std::sqrt(128.0)).epsilon(0.03));
  CHECK(spread("readout.weight") == Approx(1 / std::sqrt(128.0)).epsilon(0.03));
  CHECK(spread("position") == Approx(0.02).epsilon(0.15));
  CHECK(spread("block1.qkv.weight") == Approx(std::sqrt(2 / (4 * 128.0))).epsilon(0.02));
  CHECK(largest("block1.qkv.weight") <= std::sqrt(6 / (4 * 128.0)));
  for (const auto& [name, fan_in] : {std::pair{"block1.projection.weight", 128.0},
                                     {"block1.expand.weight", 128.0},
                                     {"block1.contract.weight", 512.0}}) {
    // The standard deviation of a normal that is cut at two of its own.
    CHECK(spread(name) == Approx(0.8796 / std::sqrt(fan_in)).epsilon(0.02));
    CHECK(largest(name) <= 2.0001 / std::sqrt(fan_in));
    CHECK(largest(name) > 1.99 / std::sqrt(fan_in));
  }
  for (const char* name : {"block1.expand.bias", "block1.contract.bias", "block1.norm1.bias"})
    CHECK(p.at(name).abs().max().item<double>() == 0);
  CHECK(p.count("block1.projection.bias") + p.count("readout.bias") + p.count("norm.weight") == 0);
  std::int64_t parameters = 0;
  for (const auto& item : parameters_of(*make(grokking("none"), addition(113), 114)))
    parameters += item.second.numel();
  CHECK(parameters == 226816); // "about 227 k"
}

TEST_CASE("Decoder over pairs: items and labels have their own way in") {
  study::ModelSettings settings;
  settings.kind = "decoder";
  settings.width = 24;
  settings.heads = 3;
  settings.depth = 2;
  settings.init_std = 0.05;
  for (const std::int64_t positions : {8, 5}) {
    const tasks::InputShape input{.kind = tasks::InputShape::Kind::Pairs,
                                  .vocabulary = 6,
                                  .positions = positions,
                                  .outputs = positions,
                                  .item_width = 10};
    const auto model = make(settings, input, 6);
    auto shape = *model->transformer_shape();
    CHECK(shape.causal);
    CHECK(shape.read == TransformerShape::Read::All);
    const auto initial = parameters_of(*model);
    const auto spread = [&](const char* name) { return initial.at(name).std().item<double>(); };
    CHECK(spread("items.weight") == Approx(0.05).epsilon(0.2));
    CHECK(spread("block1.expand.weight") == Approx(0.05).epsilon(0.1));
    CHECK(spread("block2.contract.weight") == Approx(0.05 / 2).epsilon(0.1));
    CHECK(spread("block2.projection.weight") == Approx(0.05 / 2).epsilon(0.1));
    model->to(torch::kFloat64);
    stir(*model);
    const torch::NoGradGuard no_grad;
    auto generator = at::detail::createCPUGenerator(2);
    const auto pairs = random_inputs(shape, 7, generator).to(torch::kFloat64);
    const auto p = parameters_of(*model);
    const auto logits = model->forward(pairs, {});
    CHECK(logits.sizes() == at::IntArrayRef({7, positions, 6}));
    CHECK(torch::allclose(logits, Plain{shape, p}(pairs).logits, 1e-10, 1e-11));
  }
}

TEST_CASE("Arithmetic transformer: every attention variant can be trained, with and without an MLP") {
  for (const auto& info : attention::variants())
    for (const double ratio : {0.0, 2.0}) {
      INFO(info.name << ", MLP ratio " << ratio);
      study::Settings settings;
      settings.model = grokking("qk+mlp");
      settings.model.width = 16;
      settings.model.depth = 2;
      settings.model.mlp_ratio = ratio;
      settings.attention.variant = info.name;
      auto generator = at::detail::createCPUGenerator(3);
      const auto model = models::make_model(settings, addition(7), 8, generator);
      model->to(torch::kFloat64);
      const auto tokens = torch::randint(8, {10, 3}, generator, torch::kInt64);
      models::ForwardOptions options;
      options.variant = &attention::find_variant(info.name);
      options.attention = &settings.attention;
      const auto value = [&] { return model->forward(tokens, options).square().sum(); };
      value().backward();
      // Its slope along a direction of all weights, by a central difference.
      const torch::NoGradGuard no_grad;
      constexpr double step = 1e-6;
      double slope = 0, values[2];
      std::vector<Tensor> direction;
      for (const auto& parameter : model->parameters()) {
        direction.push_back(torch::randn(parameter.sizes(), generator, torch::kFloat64));
        if (parameter.grad().defined()) slope += (parameter.grad() * direction.back()).sum().item<double>();
      }
      auto parameters = model->parameters();
      for (const int side : {0, 1}) {
        for (std::size_t i = 0; i < parameters.size(); ++i)
          parameters[i].add_(direction[i], side == 0 ? -step : 2 * step);
        values[side] = value().item<double>();
      }
      CHECK((values[1] - values[0]) / (2 * step) == Approx(slope).epsilon(1e-5));
    }
}

TEST_CASE("Fused: the arithmetic transformer in every placement, with and without the token table") {
  parallel::WorkerPool pool(2);
  for (const auto& norms : all_norms)
    for (const bool rms : {false, true})
      for (const std::int64_t depth : {1, 2})
        for (const std::int64_t batch : {9, 300}) { // in lanes of more than twice the tokens
          INFO(norms << (rms ? ", RMS" : "") << ", " << depth << " layers, batch " << batch);
          auto settings = grokking(norms);
          settings.width = 32;
          settings.depth = depth;
          settings.norm_kind = rms ? "rms-norm" : "layer-norm";
          settings.readout_scale = 0.6;
          const auto model = make(settings, addition(11), 12), exact = make(settings, addition(11), 12);
          stir(*model);
          exact->to(torch::kFloat64);
          {
            const torch::NoGradGuard no_grad;
            const auto from = model->parameters(), to = exact->parameters();
            for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
          }
          auto generator = at::detail::createCPUGenerator(2);
          const auto tokens = torch::randint(12, {batch, 3}, generator, torch::kInt64);
          const auto labels = torch::randint(12, {batch}, generator, torch::kInt64);
          REQUIRE(fused::uses_token_table(*model->transformer_shape(), batch / fused::lane_count(batch, 3)) ==
                  (batch == 300));

          torch::nn::functional::cross_entropy(exact->forward(tokens, {}), labels).backward();
          std::vector<Tensor> parts;
          for (const auto& parameter : exact->parameters())
            parts.push_back(parameter.grad().defined() ? parameter.grad().flatten()
                                                       : torch::zeros({parameter.numel()}, torch::kFloat64));
          const auto expected = torch::cat(parts);

          optim::ParameterBuffer buffer(*model, torch::kCPU);
          const auto fused = training::FusedModel::make(*model, buffer, fused::Precision::Float32);
          REQUIRE(fused);
          models::ForwardOptions options;
          options.training = true;
          buffer.gradients.fill_(std::numeric_limits<float>::quiet_NaN());
          fused->gradient(tokens, labels, 0, options, buffer, pool);
          CHECK(((buffer.gradients - expected).norm() / expected.norm()).item<double>() < 2e-5);

          const torch::NoGradGuard no_grad;
          models::Activations ours, theirs;
          options.training = false;
          const auto logits = fused->logits(tokens, options, buffer, pool);
          options.record = &theirs;
          const auto exact_logits = exact->forward(tokens, options);
          CHECK(torch::allclose(logits.to(torch::kFloat64), exact_logits, 1e-4, 1e-4));
          options.record = &ours;
          CHECK(torch::allclose(fused->probe(tokens, options, buffer, pool).to(torch::kFloat64), exact_logits,
                                1e-4, 1e-4));
          for (std::size_t i = 0; i < std::size_t(depth); ++i) {
            CHECK(torch::allclose(ours.attention.at(i).to(torch::kFloat64), theirs.attention.at(i), 1e-4,
                                  1e-5));
            CHECK(torch::allclose(ours.hidden.at(i).to(torch::kFloat64), theirs.hidden.at(i), 1e-4, 1e-4));
          }
          CHECK(torch::allclose(ours.features.to(torch::kFloat64), theirs.features, 1e-4, 1e-4));
        }
}
