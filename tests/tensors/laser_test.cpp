// LASER's reads: the three forms against each other and against laser.md's numbers.
#include "tests/tensors/torch_catch.h"

#include <cmath>

#include "engine/attention/read.h"
#include "tests/tensors/attention_bench.h"

using namespace plateau;
using namespace plateau::attention;
using namespace plateau::testing;
using torch::Tensor;

TEST_CASE("LASER: the max shift is the exact log-sum-exp, also where exponentials end") {
  auto generator = dice(9);
  study::AttentionSettings settings;
  const auto weights = torch::softmax(torch::randn({2, 3, 40, 40}, generator) * 3, -1);
  const auto v = torch::randn({2, 3, 40, 8}, generator) * 4;
  const auto shifted = log_mean_exp(weights, v), exact = exact_log_mean_exp(weights, v);
  CHECK((shifted - exact).abs().max().item<double>() < 1e-5);
  CHECK(torch::isfinite(log_mean_exp(weights, v + 100)).all().item<bool>()); // a naive exp overflows at 89

  // laser.md B3: with a causal mask the shift comes from the future; at a spread of 104 the row's own
  // exponentials are 0 in float32.
  Bench bench(find_variant("softmax"), true, 4);
  auto& layer = bench.layer;
  for (auto* tensor : {&layer.q, &layer.k, &layer.v, &layer.x}) *tensor = tensor->to(torch::kFloat32);
  layer.v = torch::zeros_like(layer.v);
  layer.v.select(2, 3).fill_(104);
  layer.v.requires_grad_(true);
  for (const std::string form : {"max-shift", "exact", "softclamp"}) {
    INFO(form);
    bench.settings.laser = form;
    ReadCounts counts;
    layer.counts = &counts;
    const auto output = attend(bench.variant, layer).output;
    CHECK(torch::isfinite(output).all().item<bool>());
    CHECK(counts.non_finite == 0);
    CHECK(counts.entries == output.numel());
    // Rows 0, 1 and 2 cannot see it: 2 samples, 2 heads, 4 channels.
    CHECK(counts.zeros == (form == "max-shift" ? 3 * 2 * 2 * 4 : 0));
    if (form == "exact") CHECK(output[0][0][0][0].item<double>() == Approx(0).margin(1e-6));
    output.sum().backward();
    CHECK(torch::isfinite(layer.v.grad()).all().item<bool>());
    layer.v.mutable_grad().zero_();
  }
}

TEST_CASE("LASER: the gradient of a score is posterior minus prior, and values apart matter") {
  Bench bench(find_variant("softmax"), false, 6);
  bench.settings.laser = "max-shift";
  bench.layer.scale = {1, 1};
  auto& layer = bench.layer;
  auto scores = torch::matmul(layer.q, layer.k.transpose(-2, -1)).requires_grad_(true);
  const auto a = torch::softmax(scores, -1);
  const auto output = read(a, layer);
  const auto gradient = torch::autograd::grad({output[0][1][2][3]}, {scores})[0][0][1][2];
  const auto posterior = torch::softmax(scores[0][1][2] + layer.v[0][1].select(1, 3), -1);
  CHECK((gradient - (posterior - a[0][1][2])).abs().max().item<double>() < 1e-12);

  // laser.md B2, two tokens at s = -8: LASER over standard is 1.05 at a difference of 0.1, 263 at 10.
  const auto ratio = [](double s, double difference) {
    const auto sigma = [](double x) { return 1 / (1 + std::exp(-x)); };
    return (sigma(s + difference) - sigma(s)) / (difference * sigma(s) * (1 - sigma(s)));
  };
  CHECK(ratio(-8, 0.1) == Approx(1.05).epsilon(0.005));
  CHECK(ratio(-8, 10) == Approx(263).epsilon(0.005));
  CHECK(ratio(8, 2) == Approx(0.43).epsilon(0.01));
  for (const double difference : {0.1, 2.0, 10.0}) {
    Bench two(find_variant("softmax"), false, 2);
    auto z = torch::tensor({-8.0, 0.0}, torch::kFloat64).view({1, 1, 1, 2}).requires_grad_(true);
    two.layer.v = torch::tensor({difference, 0.0}, torch::kFloat64).view({1, 1, 2, 1});
    double slopes[2];
    for (const int laser : {0, 1}) {
      two.settings.laser = laser ? "max-shift" : "off";
      slopes[laser] = torch::autograd::grad({read(torch::softmax(z, -1), two.layer).sum()}, {z})[0]
                          .flatten()[0]
                          .item<double>();
    }
    CHECK(slopes[1] / slopes[0] == Approx(ratio(-8, difference)).epsilon(1e-9));
  }
}
