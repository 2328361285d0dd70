// What probes may ask of a forward pass beside the usual one, against the formulas written down by hand.
#include "tests/tensors/torch_catch.h"

#include "tests/tensors/plain_transformer.h"

using namespace plateau;
using namespace plateau::testing;
using models::Mixing;
using models::TransformerShape;
using torch::Tensor;

namespace {

TransformerShape small_shape(TransformerShape::Read read) {
  TransformerShape shape;
  shape.vocabulary = 7;
  shape.positions = 4;
  shape.depth = 2;
  shape.width = 12;
  shape.heads = 3;
  shape.hidden = 20;
  shape.activation = TransformerShape::Activation::Relu;
  shape.classes = 5;
  shape.init_std = shape.token_std = 0.4;
  shape.read = read;
  return shape;
}

} // namespace

TEST_CASE("Mixing: identity, self alone and no attention at all, with and without a unit MLP input") {
  using Read = TransformerShape::Read;
  for (const auto read : {Read::First, Read::Last, Read::All})
    for (const auto mixing : {Mixing::Attention, Mixing::Identity, Mixing::Self, Mixing::None})
      for (const bool unit : {false, true}) {
        const auto shape = small_shape(read);
        auto generator = at::detail::createCPUGenerator(4);
        const auto model = models::make_transformer(shape, generator);
        model->to(torch::kFloat64);
        const torch::NoGradGuard no_grad;
        for (auto& parameter : model->parameters()) // norms' gains and biases too must count
          parameter.add_(torch::randn(parameter.sizes(), generator, torch::kFloat64), 0.1);
        const auto tokens = torch::randint(shape.vocabulary, {6, shape.positions}, generator, torch::kInt64);
        const auto p = parameters_of(*model);
        const auto expected = Plain{shape, p, "qkv+mlp", false, mixing, unit}(tokens);

        models::Activations record;
        models::ForwardOptions options;
        options.mixing = mixing;
        options.unit_mlp_input = unit;
        options.record = &record;
        CHECK(options.needs_module() == (unit || mixing == Mixing::Self || mixing == Mixing::None));
        CHECK(torch::allclose(model->forward(tokens, options), expected.logits, 1e-11, 1e-12));
        CHECK(torch::allclose(record.features, expected.features, 1e-11, 1e-12));
        REQUIRE(record.hidden.size() == 2);
        for (std::size_t i = 0; i < 2; ++i)
          CHECK(torch::allclose(record.hidden[i], expected.hidden[i], 1e-11, 1e-12));
        CHECK(record.attention.empty() == (mixing != Mixing::Attention));
      }
}

TEST_CASE("Mixing: a token that is alone attends to itself") {
  auto shape = small_shape(TransformerShape::Read::All);
  shape.positions = 1;
  auto generator = at::detail::createCPUGenerator(4);
  const auto model = models::make_transformer(shape, generator);
  model->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  const auto tokens = torch::arange(shape.vocabulary).unsqueeze(1);
  models::ForwardOptions self;
  self.mixing = Mixing::Self;
  CHECK(torch::allclose(model->forward(tokens, {}), model->forward(tokens, self), 1e-12, 1e-13));
}
