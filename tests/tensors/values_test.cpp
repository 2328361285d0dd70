// values/* against the Jacobians of both reads by automatic differentiation.
#include "tests/tensors/torch_catch.h"

#include "engine/probes/probe.h"

using namespace plateau;
using torch::Tensor;

namespace {

double value(const probes::Output& output, const std::string& name) {
  for (const auto& [metric, number] : output.scalars)
    if (metric == name) return number;
  FAIL("no " << name);
  return 0;
}

/// Rows do_c/ds_j of one token's read, [channels, tokens].
Tensor jacobian(const Tensor& scores, const Tensor& values, bool laser) {
  const auto s = scores.clone().requires_grad_();
  const auto a = s.softmax(0);
  const auto o = laser ? a.matmul(values.exp()).log() : a.matmul(values);
  std::vector<Tensor> rows;
  for (std::int64_t c = 0; c < values.size(1); ++c)
    rows.push_back(torch::autograd::grad({o[c]}, {s}, {}, true)[0]);
  return torch::stack(rows);
}

} // namespace

TEST_CASE("Values: the ratio of the reads' gradients, the spread and the smallest sum") {
  torch::manual_seed(4);
  for (const bool causal : {false, true}) {
    const std::int64_t heads = 2, tokens = 6, width = 3;
    const auto scores = torch::randn({1, heads, tokens, tokens}, torch::kFloat64) * 2;
    const auto v = torch::randn({1, heads, tokens, width}, torch::kFloat64) * 3;
    const auto visible = torch::ones({tokens, tokens}, torch::kBool).tril();
    auto a = scores;
    if (causal) a = a.masked_fill(~visible, -HUGE_VAL);
    a = a.softmax(-1);
    models::Activations seen;
    seen.attention.push_back(a);
    attention::Layer layer{{}, {}, v, {}, {}, {}, nullptr, nullptr, 0};
    if (causal) layer.visible = visible;
    seen.layers.push_back(layer);
    probes::Output output;
    probes::values(seen, output);
    for (std::int64_t head = 0; head < heads; ++head) {
      double laser = 0, plain = 0, spread = 0, smallest = HUGE_VAL;
      for (std::int64_t i = 0; i < tokens; ++i) {
        const auto count = causal ? i + 1 : tokens;
        const auto row = scores[0][head][i].narrow(0, 0, count), read = v[0][head].narrow(0, 0, count);
        laser += jacobian(row, read, true).norm(2, {1}).sum().item<double>();
        plain += jacobian(row, read, false).norm(2, {1}).sum().item<double>();
        spread += read.std({0}, false).sum().item<double>();
        const auto shifted = (read - v[0][head].amax({0})).exp();
        smallest = std::min(smallest, row.softmax(0).matmul(shifted).min().item<double>());
      }
      const auto at = "/layer1/head" + std::to_string(head + 1);
      CHECK(value(output, "values/gradient-ratio" + at) == Approx(laser / plain).epsilon(1e-5));
      CHECK(value(output, "values/spread" + at) == Approx(spread / double(tokens * width)).epsilon(1e-5));
      CHECK(value(output, "values/smallest-sum/layer1") <= smallest * (1 + 1e-5));
    }
  }
}

TEST_CASE("Values: a token drawn has the softmax's probability, and at temperature 0 the largest") {
  const std::vector<double> logits = {0, 1, -1};
  const double sum = 1 + std::exp(1) + std::exp(-1);
  CHECK(probes::draw_token(logits, 1, 0.5 / sum) == 0);
  CHECK(probes::draw_token(logits, 1, 1.0001 / sum) == 1);
  CHECK(probes::draw_token(logits, 1, 0.99999) == 2);
  CHECK(probes::draw_token(logits, 0, 0.99999) == 1);
  CHECK(probes::draw_token(logits, 1e-3, 0.99999) == 1);
}
