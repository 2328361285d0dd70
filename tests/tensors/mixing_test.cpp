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
  shape.width = 12;
  shape.heads = 3;
  shape.hidden = 20;
  shape.activation = TransformerShape::Activation::Relu;
  shape.classes = 5;
  shape.init_std = shape.token_std = 0.4;
  shape.read = read;
  return shape;
}

/// What attention adds to the stream x [B, N, d].
Tensor added(const Parameters& p, const Tensor& x, Mixing mixing, const TransformerShape& shape) {
  const auto normalised = plain_norm(p, "block1.norm1", x, shape);
  if (mixing == Mixing::None) return torch::zeros_like(x);
  if (mixing == Mixing::Identity) return normalised;
  const auto value = normalised.matmul(p.at("block1.qkv.weight").slice(0, 2 * shape.width).t());
  return value.matmul(p.at("block1.projection.weight").t()) + p.at("block1.projection.bias");
}

} // namespace

TEST_CASE("Mixing: identity, self alone and no attention at all, with and without a unit MLP input") {
  using Read = TransformerShape::Read;
  for (const auto read : {Read::First, Read::Last, Read::All})
    for (const auto mixing : {Mixing::Identity, Mixing::Self, Mixing::None})
      for (const bool unit : {false, true}) {
        const auto shape = small_shape(read);
        auto generator = at::detail::createCPUGenerator(4);
        const auto model = models::make_transformer(shape, generator);
        model->to(torch::kFloat64);
        const torch::NoGradGuard no_grad;
        for (auto& parameter : model->parameters()) // norms' gains and biases too must count
          parameter.add_(torch::randn(parameter.sizes(), generator, torch::kFloat64), 0.1);
        const auto p = parameters_of(*model);
        const auto tokens = torch::randint(shape.vocabulary, {6, shape.positions}, generator, torch::kInt64);

        auto x = p.at("embedding.weight").index({tokens}) + p.at("position");
        x = x + added(p, x, mixing, shape);
        auto input = plain_norm(p, "block1.norm2", x, shape);
        if (unit) input = input / input.square().sum(-1, true).sqrt();
        const auto inner =
            (input.matmul(p.at("block1.expand.weight").t()) + p.at("block1.expand.bias")).clamp_min(0);
        x = x + inner.matmul(p.at("block1.contract.weight").t()) + p.at("block1.contract.bias");
        const auto hidden = x;
        if (read == Read::First) x = x.select(1, 0);
        if (read == Read::Last) x = x.select(1, shape.positions - 1);
        x = plain_norm(p, "norm", x, shape);
        const auto logits = x.matmul(p.at("readout.weight").t()) + p.at("readout.bias");

        models::Activations record;
        models::ForwardOptions options;
        options.mixing = mixing;
        options.unit_mlp_input = unit;
        options.record = &record;
        CHECK(options.needs_module() == (unit || mixing != Mixing::Identity));
        CHECK(torch::allclose(model->forward(tokens, options), logits, 1e-11, 1e-12));
        CHECK(torch::allclose(record.features, x, 1e-11, 1e-12));
        CHECK(torch::allclose(record.hidden.at(0), hidden, 1e-11, 1e-12));
        CHECK(record.attention.empty());
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
