// Every attention variant: tensors against plain rows, Jacobians against finite differences, whole layers
// against finite differences in scores, values and the variant's own parameters; all in float64.
#include "tests/tensors/torch_catch.h"

#include <algorithm>
#include <cmath>

#include "engine/attention/sigma_reparam.h"
#include "engine/errors.h"
#include "engine/study/fields.h"
#include "tests/tensors/attention_bench.h"

using namespace plateau;
using namespace plateau::attention;
using namespace plateau::testing;
using torch::Tensor;

namespace {

std::vector<double> numbers(const Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// Scores such as `variant` takes them.
Tensor random_scores(const VariantInfo& info, at::IntArrayRef shape, double spread, unsigned seed) {
  auto generator = dice(seed);
  const auto z = torch::randn(shape, generator, torch::kFloat64) * spread;
  if (info.row_input == RowInput::Cosines) return torch::tanh(z / 2);
  if (info.row_input == RowInput::Similarities) return torch::exp(z / spread);
  return z;
}

/// The largest error of the gradient of sum(weight * function()) with respect to each of `inputs` along
/// random directions, relative to the largest slope, against central differences of fourth order.
double gradient_error(const std::vector<Tensor>& inputs, const std::function<Tensor()>& function) {
  auto generator = dice(77);
  for (const auto& input : inputs) const_cast<Tensor&>(input).requires_grad_(true);
  const auto first = function();
  const auto weight = torch::randn(first.sizes(), generator, torch::kFloat64);
  const auto gradients = torch::autograd::grad({(first * weight).sum()}, inputs, {}, {}, false, true);
  const torch::NoGradGuard no_grad;
  double worst = 0;
  for (std::size_t which = 0; which < inputs.size(); ++which) {
    auto input = inputs[which];
    const auto start = input.clone();
    const auto analytic = gradients[which].defined() ? gradients[which] : torch::zeros_like(input);
    double error = 0, size = 1e-3;
    for (int i = 0; i < 6; ++i) {
      const auto direction = torch::randn(input.sizes(), generator, torch::kFloat64);
      const double h = 3e-4;
      const auto moved = [&](double by) {
        input.copy_(start + by * direction);
        return (function() * weight).sum().item<double>();
      };
      const double slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
      error = std::max(error, std::abs(slope - (analytic * direction).sum().item<double>()));
      size = std::max(size, std::abs(slope));
    }
    input.copy_(start);
    worst = std::max(worst, error / size);
  }
  return worst;
}

/// Formulas with kinks or steps; away from these they are smooth, and seeds below are.
bool has_kinks(const std::string& name) {
  return name == "norm-softmax" || name == "norm-softmax-std" || name == "relu" || name == "sparsemax" ||
         name == "entmax-1.5" || name == "entmax" || name == "clipped-softmax" || name == "selective" ||
         name == "elu-plus-one";
}

} // namespace

TEST_CASE("Attention: rows have the Jacobians of finite differences, and the sums and shifts that are said") {
  for (const auto& info : variants()) {
    // Spreads below and above the temperature, so that both branches of a minimum are met.
    for (const double spread : {0.3, 2.0, 30.0}) {
      for (const std::int64_t n : {2, 5, 17}) {
        INFO(info.name << ", spread " << spread << ", n = " << n);
        study::AttentionSettings settings;
        settings.entmax_alpha = 1.3;
        settings.relu_exponent = 0.8;
        settings.soft_cap = 3;
        const RowOptions options{0.7 * 4, 4, settings};
        const auto row = numbers(random_scores(info, {n}, spread, unsigned(n)));
        const auto weights = row_weights(info.name, row, options);
        const auto jacobian = row_jacobian(info.name, row, options);
        double sum = 0;
        for (const double weight : weights) sum += weight;
        if (info.row_sum == "1") CHECK(sum == Approx(1));
        if (info.row_sum == "below 1") CHECK(sum < 1);
        if (info.non_negative) CHECK(*std::min_element(weights.begin(), weights.end()) >= 0);
        int crossed = 0;
        for (std::size_t j = 0; j < row.size(); ++j) {
          auto up = row, down = row;
          const double h = 1e-6 * std::max(1.0, spread);
          up[j] += h;
          down[j] -= h;
          const auto above = row_weights(info.name, up, options),
                     below = row_weights(info.name, down, options);
          for (std::size_t i = 0; i < row.size(); ++i) {
            const double slope = (above[i] - below[i]) / (2 * h), analytic = jacobian[i * row.size() + j];
            const bool same = std::abs(slope - analytic) <= 1e-5 * std::abs(analytic) + 1e-7;
            if (!same) ++crossed;
          }
        }
        CHECK(crossed == 0);

        // Shifted scores.
        auto shifted = row;
        for (double& score : shifted) score += 0.05;
        const auto other = row_weights(info.name, shifted, options);
        double change = 0;
        for (std::size_t i = 0; i < row.size(); ++i)
          change = std::max(change, std::abs(other[i] - weights[i]));
        const bool cross_row = info.name == "selective"; // its votes shift, a row after them does not
        if (info.shift_invariant)
          CHECK(change < 1e-12);
        else if (spread < 30 && !cross_row)
          CHECK(change > 1e-9);
      }
    }
  }
}

TEST_CASE("Attention: a layer's weights are the rows' over what is visible") {
  // Those whose rows do not depend on each other; these have tests of their own below.
  for (const auto& info : variants()) {
    if (info.name == "sinkhorn" || info.name == "selective" || info.name == "differential") continue;
    for (const bool causal : {false, true}) {
      INFO(info.name << (causal ? ", causal" : ""));
      Bench bench(find_variant(info.name), causal);
      const auto& variant = bench.variant;
      const auto scores = variant.scores ? variant.scores(bench.layer)
                                         : torch::matmul(bench.layer.q, bench.layer.k.transpose(-2, -1));
      const auto weights = variant.weights(scores, bench.layer);
      const auto tokens = scores.size(-1);
      for (std::int64_t head = 0; head < 2; ++head)
        for (std::int64_t query = 0; query < tokens; ++query) {
          const auto visible = causal ? query + 1 : tokens;
          RowOptions options{bench.layer.scale.tau, bench.layer.scale.sqrt_dk, bench.settings};
          if (info.name == "qk-norm") options.own = bench.own[0].second[0].item<double>();
          if (info.name == "learned-sink" || info.name == "ssmax")
            options.own = bench.own[0].second[head].item<double>();
          const auto row = numbers(scores[1][head][query].slice(0, 0, visible));
          const auto expected = row_weights(info.name, row, options);
          for (std::int64_t key = 0; key < tokens; ++key) {
            const double weight = weights[1][head][query][key].item<double>();
            if (key < visible)
              CHECK(weight == Approx(expected[std::size_t(key)]).epsilon(1e-9).margin(1e-12));
            else
              CHECK(weight == 0);
          }
        }
    }
  }
}

TEST_CASE("Attention: gradients of whole layers are those of finite differences") {
  for (const auto& info : variants()) {
    for (const bool causal : {false, true}) {
      for (const std::string laser : {"off", "max-shift", "softclamp", "exact"}) {
        if (laser != "off" && !info.takes_laser) continue;
        INFO(info.name << (causal ? ", causal, " : ", ") << laser);
        // Kinks: a seed whose numbers stay on their side when they are moved a little.
        double error = 1;
        for (unsigned seed = 1; seed < (has_kinks(info.name) ? 6u : 2u) && error > 1e-6; ++seed) {
          Bench bench(find_variant(info.name), causal, 5, seed);
          bench.settings.laser = laser;
          bench.settings.entmax_alpha = 1.7;
          // LASER's logarithm of a row that reads nothing is no number; relu has such rows.
          if (info.name == "relu") {
            bench.layer.q = bench.layer.q.abs();
            bench.layer.k = bench.layer.k.abs() + 0.1;
          }
          std::vector<Tensor> inputs{bench.layer.q, bench.layer.k, bench.layer.v, bench.layer.x};
          for (const auto& own : bench.own) inputs.push_back(own.second);
          if (bench.variant.reparametrises) inputs.resize(4); // the block's; tested below
          error = std::min(error,
                           gradient_error(inputs, [&] { return attend(bench.variant, bench.layer).output; }));
        }
        CHECK(error < 1e-6);
      }
    }
  }
}

TEST_CASE("Attention: a row of which nothing is visible reads nothing and passes no NaN") {
  for (const auto& info : variants()) {
    for (const std::string laser : {"off", "max-shift", "exact"}) {
      if (laser != "off" && !info.takes_laser) continue;
      INFO(info.name << ", " << laser);
      Bench bench(find_variant(info.name), false);
      bench.settings.laser = laser;
      bench.layer.visible = torch::ones({5, 5}, torch::kBool);
      bench.layer.visible[2].fill_(false);
      std::vector<Tensor> inputs{bench.layer.q, bench.layer.k, bench.layer.v};
      for (auto& input : inputs) input.requires_grad_(true);
      const auto mixed = attend(bench.variant, bench.layer);
      CHECK(mixed.weights.select(2, 2).abs().max().item<double>() == 0);
      CHECK(torch::isfinite(mixed.output).all().item<bool>());
      if (info.name != "free-energy") CHECK(mixed.output.select(2, 2).abs().max().item<double>() == 0);
      mixed.output.sum().backward();
      for (const auto& input : inputs) CHECK(torch::isfinite(input.grad()).all().item<bool>());
    }
  }
}

TEST_CASE("Attention: equal scores give equal weights and finite gradients") {
  for (const auto& info : variants()) {
    INFO(info.name);
    Bench bench(find_variant(info.name), false);
    for (auto* tensor : {&bench.layer.q, &bench.layer.k}) *tensor = torch::full_like(*tensor, 0.5);
    bench.layer.q.requires_grad_(true);
    const auto weights = attend(bench.variant, bench.layer).weights;
    const auto row = numbers(weights[0][0][4]);
    const bool votes = info.name == "selective"; // the first token is never voted out
    for (std::size_t j = votes ? 2 : 1; j + 1 < row.size(); ++j)
      CHECK(row[j] == Approx(row[votes ? 1 : 0]).margin(1e-12));
    weights[0][0][0][0].backward();
    CHECK(torch::isfinite(bench.layer.q.grad()).all().item<bool>());
  }
}

TEST_CASE("Attention: known values") {
  const std::vector<double> z{-2, 0, 0.5};
  const auto check = [&](const char* name, std::vector<double> expected) {
    const auto weights = row_weights(name, z, {});
    INFO(name);
    for (std::size_t i = 0; i < z.size(); ++i) CHECK(weights[i] == Approx(expected[i]).margin(6e-5));
  };
  // The entmax repository's example.
  check("softmax", {0.0486, 0.3592, 0.5922});
  check("sparsemax", {0, 0.25, 0.75});
  check("entmax-1.5", {0, 0.3260, 0.6740}); // to the printed digits 0.326, 0.674

  // alpha-entmax meets its neighbours.
  RowOptions options;
  for (const auto& [alpha, name] : {std::pair{1.5, "entmax-1.5"}, {2.0, "sparsemax"}}) {
    options.settings.entmax_alpha = alpha;
    const auto general = row_weights("entmax", z, options), special = row_weights(name, z, {});
    for (std::size_t i = 0; i < z.size(); ++i) CHECK(general[i] == Approx(special[i]).margin(1e-12));
  }
  // The bisection on tensors, which no special form covers.
  Bench bench(find_variant("entmax"), true);
  bench.settings.entmax_alpha = 1.5 + 1e-9;
  const auto bisected = attend(bench.variant, bench.layer).weights;
  const auto exact = attend(find_variant("entmax-1.5"), bench.layer).weights;
  CHECK((bisected - exact).abs().max().item<double>() < 1e-7);

  // Softmax off by one with large negative scores: the missing 1 must not be capped at a half.
  const auto tiny = row_weights("softmax-plus-one", std::vector<double>{-50, -60}, {});
  CHECK(tiny[0] == Approx(std::exp(-50.0)));
  const auto tensors = find_variant("softmax-plus-one").weights;
  Bench off(find_variant("softmax-plus-one"), false);
  off.layer.scale = {1, 1};
  CHECK(tensors(torch::tensor({-50.0, -60.0}, torch::kFloat32).view({1, 1, 1, 2}), off.layer)
            .flatten()[0]
            .item<double>() == Approx(std::exp(-50.0)).epsilon(1e-5));
  const auto huge = tensors(torch::tensor({500.0, 400.0}, torch::kFloat32).view({1, 1, 1, 2}), off.layer);
  CHECK(huge.flatten()[0].item<double>() == Approx(1));

  // SSMax is no shift: for the same s it differs from softmax as soon as there is more than one key.
  RowOptions sharp;
  sharp.own = 1;
  for (const std::size_t n : {2u, 3u, 8u}) {
    std::vector<double> row(n, 0.0);
    row[0] = 1;
    CHECK(row_weights("ssmax", row, sharp)[0] ==
          Approx(double(n) / (double(n) + double(n) - 1)).epsilon(1e-9)); // n^1 / (n^1 + (n - 1) n^0)
    if (n != 3)
      CHECK(std::abs(row_weights("ssmax", row, sharp)[0] - row_weights("softmax", row, {})[0]) > 0.01);
  }
}

TEST_CASE("Attention: Sinkhorn balances rows and columns") {
  Bench bench(find_variant("sinkhorn"), false);
  bench.settings.sinkhorn_iterations = 50;
  const auto weights = attend(bench.variant, bench.layer).weights;
  CHECK((weights.sum(-1) - 1).abs().max().item<double>() < 1e-12);
  CHECK((weights.sum(-2) - 1).abs().max().item<double>() < 1e-6);
  bench.layer.visible = torch::ones({5, 5}, torch::kBool).tril();
  const auto causal = attend(bench.variant, bench.layer).weights;
  CHECK((causal.sum(-1) - 1).abs().max().item<double>() < 1e-12);
}

TEST_CASE("Attention: selective attention by its definition") {
  for (const bool causal : {true, false}) {
    Bench bench(find_variant("selective"), causal);
    const auto weights = attend(bench.variant, bench.layer).weights;
    const auto z = torch::matmul(bench.layer.q, bench.layer.k.transpose(-2, -1)) / bench.layer.scale.tau;
    const auto score = z.accessor<double, 4>();
    for (std::int64_t head = 0; head < 2; ++head)
      for (std::int64_t i = 0; i < 5; ++i) {
        std::vector<double> row;
        for (std::int64_t j = 0; j < (causal ? i + 1 : 5); ++j) {
          double votes = 0;
          for (std::int64_t other = 0; other < (causal ? i : 5); ++other) {
            if (other == i || other == j || j == 0) continue;
            if (causal && j > other) continue; // it could not see that key
            votes += std::max(0.0, score[0][0][other][j]);
          }
          row.push_back(score[0][head][i][j] - votes);
        }
        const auto expected = row_weights("softmax", row, {});
        for (std::size_t j = 0; j < row.size(); ++j)
          CHECK(weights[0][head][i][std::int64_t(j)].item<double>() == Approx(expected[j]).epsilon(1e-9));
      }
  }
}

TEST_CASE("Attention: differential attention by its definition") {
  Bench bench(find_variant("differential"), true);
  const auto mixed = attend(bench.variant, bench.layer);
  const auto own = [&](const char* name) { return numbers(bench.layer.own_parameter(name)); };
  const auto dot = [&](const char* a, const char* b) {
    double sum = 0;
    for (std::size_t i = 0; i < own(a).size(); ++i) sum += own(a)[i] * own(b)[i];
    return sum;
  };
  const double l0 = 0.8 - 0.6 * std::exp(-0.3); // layer 1, from 0
  const double lambda =
      std::exp(dot("lambda_q1", "lambda_k1")) - std::exp(dot("lambda_q2", "lambda_k2")) + l0;
  const auto q = bench.layer.q, k = bench.layer.k, v = bench.layer.v;
  for (std::int64_t i = 0; i < 5; ++i) {
    std::vector<double> maps[2];
    for (std::int64_t part = 0; part < 2; ++part) {
      std::vector<double> row;
      for (std::int64_t j = 0; j <= i; ++j)
        row.push_back(
            (q[0][1][i].slice(0, 2 * part, 2 * part + 2) * k[0][1][j].slice(0, 2 * part, 2 * part + 2))
                .sum()
                .item<double>());
      maps[part] = row_weights("softmax", row, {0.7 * std::sqrt(2.0), 1, {}}); // d_k / 2 = 2 channels
    }
    std::vector<double> read(4, 0.0);
    double squares = 0;
    for (std::int64_t j = 0; j <= i; ++j) {
      const double weight = maps[0][std::size_t(j)] - lambda * maps[1][std::size_t(j)];
      CHECK(mixed.weights[0][1][i][j].item<double>() == Approx(weight).epsilon(1e-9));
      for (std::int64_t c = 0; c < 4; ++c) read[std::size_t(c)] += weight * v[0][1][j][c].item<double>();
    }
    for (const double value : read) squares += value * value / 4;
    for (std::int64_t c = 0; c < 4; ++c)
      CHECK(mixed.output[0][1][i][c].item<double>() ==
            Approx(read[std::size_t(c)] / std::sqrt(squares + 1e-5) * own("norm_gain")[std::size_t(c)] *
                   (1 - l0))
                .epsilon(1e-9));
  }
}

TEST_CASE("Attention: sigmaReparam divides by the largest singular value") {
  auto generator = dice(4);
  const auto weight = torch::randn({12, 7}, generator, torch::kFloat64);
  const auto [sigma, u] = largest_singular(weight);
  const double expected = std::get<1>(torch::linalg_svd(weight, false))[0].item<double>();
  CHECK(sigma == Approx(expected).epsilon(1e-6));
  auto gamma = torch::full({1}, 3.0, torch::kFloat64);
  const auto scaled = reparametrised(weight, gamma, u, false);
  CHECK((scaled - weight * (3 / expected)).abs().max().item<double>() < 1e-6);

  // The gradient: u and v held, as autograd holds them, finite differences of gamma W / u^T W v.
  const auto v = weight.t().mv(u) / weight.t().mv(u).norm();
  auto w = weight.clone();
  const auto left = u.clone();
  // With u kept where it is, v moves with W but only to second order at the maximum.
  CHECK(gradient_error({gamma}, [&] { return reparametrised(w, gamma, left, false); }) < 1e-9);
  w.requires_grad_(true);
  const auto picked = torch::randn({12, 7}, generator, torch::kFloat64);
  const auto ours = torch::autograd::grad({(reparametrised(w, gamma, left, false) * picked).sum()}, {w})[0];
  const auto held = torch::autograd::grad({(w * (gamma / left.dot(w.mv(v))) * picked).sum()}, {w})[0];
  CHECK((ours - held).abs().max().item<double>() < 1e-9);

  // One step per training pass, none otherwise.
  auto rough = torch::ones({12}, torch::kFloat64) / std::sqrt(12.0);
  const auto before = rough.clone();
  reparametrised(weight, gamma, rough, false);
  CHECK(torch::equal(rough, before));
  for (int i = 0; i < 200; ++i) reparametrised(weight, gamma, rough, true);
  CHECK(std::abs(rough.dot(u).item<double>()) == Approx(1).epsilon(1e-6));
}

TEST_CASE("Attention: own parameters continue what was computed before the switch") {
  for (const bool causal : {false, true}) {
    for (const auto& info : variants()) {
      const auto& variant = find_variant(info.name);
      if (!variant.own || info.name == "differential") continue; // half the channels: another function
      INFO(info.name << (causal ? ", causal" : ""));
      Bench bench(variant, causal, 12);
      const auto before = attend(softmax, bench.layer);
      auto generator = dice(3);
      auto fresh = variant.own({8, 2, 12, 1, causal}, generator);
      for (auto& [name, tensor] : fresh) tensor = tensor.to(torch::kFloat64);
      bench.layer.own = &fresh;
      const auto at_start = (attend(variant, bench.layer).output - before.output).norm().item<double>();
      if (variant.go_on) variant.go_on(fresh, bench.layer);
      const auto jump = (attend(variant, bench.layer).output - before.output).norm().item<double>();
      CHECK(jump <= at_start * (1 + 1e-9));
      const double size = before.output.norm().item<double>();
      if (info.name.starts_with("gated") || info.name == "sigma-reparam") CHECK(jump < 1e-12);
      if (info.name == "ssmax" && !causal) CHECK(jump < 1e-6);
      if (info.name == "learned-sink") CHECK(jump < (causal ? 0.25 : 0.03) * size); // short rows differ
      if (info.name == "free-energy") CHECK(jump < 0.05 * size);
      if (info.name == "qk-layer-norm" || info.name == "qk-norm") CHECK(jump < 0.8 * size);
    }
  }
}

TEST_CASE("Attention: the field table offers exactly the variants there are, and their settings") {
  std::vector<std::string> names;
  for (const auto& info : variants()) {
    names.push_back(info.name);
    INFO(info.name);
    CHECK(info.own.empty() == (find_variant(info.name).own == nullptr));
    for (const auto& text : {info.title, info.formula, info.description, info.source, info.row_sum})
      CHECK_FALSE(text.empty());
    study::Settings settings;
    settings.attention.variant = info.name;
    for (const auto& field : study::fields())
      if (field.name.starts_with("attention.")) {
        const bool listed =
            std::find(info.fields.begin(), info.fields.end(), field.name) != info.fields.end();
        // Of the settings that some variant lists, this one shows its own.
        bool special = false;
        for (const auto& other : variants())
          special = special ||
                    std::find(other.fields.begin(), other.fields.end(), field.name) != other.fields.end();
        if (special) CHECK(field.applies(settings) == listed);
      }
    settings.attention.laser = "max-shift";
    if (info.takes_laser)
      CHECK_NOTHROW(study::validate(settings));
    else
      CHECK_THROWS_AS(study::validate(settings), InputError);
  }
  CHECK(study::field("attention.variant").choices == names);
  CHECK(names.size() == 25);
  CHECK_THROWS_WITH(find_variant("norm-sofmax"), ContainsSubstring("norm-softmax"));
}
