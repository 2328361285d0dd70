// Members computed at once against each by itself, in float64; AdamW on all of them against one at a time.
#include "tests/tensors/torch_catch.h"

#include "engine/attention/variant.h"
#include "engine/optim/optimizer.h"
#include "engine/training/transformer_stack.h"
#include "tests/tensors/random_transformer.h"

using namespace plateau;
using namespace plateau::testing;
using torch::Tensor;

namespace {

struct Single {
  std::shared_ptr<models::Model> model;
  models::ForwardOptions options;
  at::Generator noise;
};

double distance(const Tensor& a, const Tensor& b) {
  return ((a - b).norm() / b.norm().clamp_min(1e-12)).item<double>();
}

} // namespace

TEST_CASE("Stack: logits and gradients of random members are each one's own") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Dice dice(seed);
    auto shape = random_shape(dice);
    const auto batch = dice.between(1, 6), count = dice.between(1, 4);
    INFO("seed " << seed << ", " << count << " members, " << shape.positions << " tokens");
    auto generator = at::detail::createCPUGenerator(seed);
    std::vector<Single> members;
    std::vector<Tensor> rows, inputs, weights;
    std::vector<optim::ParameterBuffer::Slice> slices;
    for (std::int64_t k = 0; k < count; ++k) {
      Single member;
      member.model = models::make_transformer(shape, generator);
      member.model->to(torch::kFloat64);
      member.options.variant = &attention::find_variant(
          dice.one_of({"softmax", "softmax", "norm-softmax", "sigmoid", "entmax-1.5", "selective"}));
      member.options.temperature = dice.one_of({0.3, 1.0});
      member.options.training = true;
      members.push_back(member);
      std::vector<Tensor> flat;
      slices.clear();
      std::int64_t begin = 0;
      for (const auto& item : member.model->named_parameters()) {
        // Norms and biases begin alike; members must not.
        torch::NoGradGuard no_grad;
        item.value().add_(torch::randn(item.value().sizes(), generator, torch::kFloat64), 0.1);
        slices.push_back({item.key(), begin, item.value().sizes().vec()});
        begin += item.value().numel();
        flat.push_back(item.value().detach().flatten());
      }
      rows.push_back(torch::cat(flat));
      const auto drawn = random_inputs(shape, batch, generator);
      inputs.push_back(drawn.is_floating_point() ? drawn.to(torch::kFloat64) : drawn);
    }
    const auto values = torch::stack(rows), gradients = torch::zeros_like(values);
    training::TransformerStack stack(shape, slices, values, gradients);

    std::vector<models::ForwardOptions> options;
    for (std::size_t k = 0; k < members.size(); ++k) {
      members[k].noise = at::detail::createCPUGenerator(k + 1);
      options.push_back(members[k].options);
      options.back().generator = &members[k].noise;
    }
    const auto logits = stack.forward(torch::stack(inputs), options);
    // Any function of the logits, another one for each member.
    const auto weight = torch::randn(logits.sizes(), generator, torch::kFloat64);
    stack.backward((logits * weight).sum());

    for (std::size_t k = 0; k < members.size(); ++k) {
      auto noise = at::detail::createCPUGenerator(k + 1);
      auto own = members[k].options;
      own.generator = &noise;
      const auto index = std::int64_t(k);
      const auto expected = members[k].model->forward(inputs[k], own);
      REQUIRE(logits[index].sizes() == expected.sizes());
      CHECK(distance(logits[index], expected) < 1e-11);
      (expected * weight[index]).sum().backward();
      std::vector<Tensor> flat;
      for (const auto& parameter : members[k].model->parameters())
        flat.push_back(parameter.grad().defined() ? parameter.grad().flatten()
                                                  : torch::zeros({parameter.numel()}, torch::kFloat64));
      CHECK(distance(gradients[index], torch::cat(flat)) < 1e-9);
    }
  }
}

TEST_CASE("AdamW on several members at once is AdamW on each") {
  auto generator = at::detail::createCPUGenerator(5);
  parallel::WorkerPool pool(1);
  models::TransformerShape shape;
  shape.vocabulary = 5;
  shape.positions = 3;
  shape.width = 8;
  shape.heads = 2;
  shape.hidden = 8;
  shape.classes = 4;
  std::vector<std::unique_ptr<optim::ParameterBuffer>> buffers;
  std::vector<std::unique_ptr<optim::Optimizer>> singles, counters;
  std::vector<std::shared_ptr<models::Model>> models;
  std::vector<Tensor> rows;
  for (int k = 0; k < 3; ++k) {
    models.push_back(models::make_transformer(shape, generator));
    buffers.push_back(std::make_unique<optim::ParameterBuffer>(*models.back(), torch::kCPU));
    singles.push_back(std::make_unique<optim::Optimizer>(*buffers.back()));
    counters.push_back(std::make_unique<optim::Optimizer>(*buffers.back()));
    rows.push_back(buffers.back()->values.clone());
  }
  auto values = torch::stack(rows), first = torch::zeros_like(values), second = torch::zeros_like(values);
  for (int step = 0; step < 6; ++step) {
    const auto gradients = torch::randn(values.sizes(), generator);
    std::vector<fused::AdamWStep> steps;
    for (int k = 0; k < 3; ++k) {
      study::OptimizerSettings settings;
      settings.beta2 = 0.9 + 0.03 * k;
      settings.weight_decay = 0.1 * k;
      settings.epsilon = 1e-6;
      const double rate = 1e-2 / (k + 1);
      const auto index = std::size_t(k);
      if (step == 3 && k == 1)
        counters[index]->updates = singles[index]->updates = 0; // each counts for itself
      buffers[index]->gradients.copy_(gradients[k]);
      singles[index]->step(*buffers[index], settings, rate, pool);
      steps.push_back(counters[index]->next(settings, rate));
    }
    optim::adamw_together(steps, gradients, buffers[0]->decay, values, first, second);
  }
  for (int k = 0; k < 3; ++k) {
    const auto index = std::size_t(k);
    CHECK(distance(values[k], buffers[index]->values) < 1e-6);
    CHECK(distance(first[k], singles[index]->first_moment) < 1e-6);
    CHECK(distance(second[k], singles[index]->second_moment) < 1e-6);
  }
}
