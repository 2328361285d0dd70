#include "engine/tasks/linear_regression.h"

#include <array>
#include <numeric>

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"
#include "tests/tasks/statistics.h"

using namespace plateau;
using tasks::LinearRegression;

namespace {

study::TaskSettings regression(const std::string& covariates = "normal",
                               const std::string& targets = "linear") {
  study::TaskSettings settings;
  settings.kind = "linear-regression";
  settings.covariates = covariates;
  settings.targets = targets;
  settings.gamma_shape = 2.5;
  return settings;
}

using Vector = std::vector<double>;

/// The solution of A x = b [n] by elimination with pivots.
Vector solve(std::vector<Vector> a, Vector b) {
  const std::size_t n = b.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column; row < n; ++row)
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = 0; row < n; ++row) {
      if (row == column) continue;
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k < n; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t i = 0; i < n; ++i) b[i] /= a[i][i];
  return b;
}

/// What the responses are linear in: x, or f(x).
Vector features(const float* x, std::size_t dimension, const tasks::RandomNetwork* network) {
  Vector f(x, x + dimension);
  if (network) network->features(x, f.data());
  return f;
}

/// The weights that fit a prompt's examples best.
Vector least_squares(const float* prompt, std::size_t dimension, std::size_t context,
                     const tasks::RandomNetwork* network) {
  std::vector<Vector> gram(dimension, Vector(dimension));
  Vector moment(dimension);
  for (std::size_t i = 0; i < context; ++i, prompt += dimension + 1) {
    const Vector f = features(prompt, dimension, network);
    for (std::size_t a = 0; a < dimension; ++a) {
      for (std::size_t b = 0; b < dimension; ++b) gram[a][b] += f[a] * f[b];
      moment[a] += f[a] * prompt[dimension];
    }
  }
  return solve(gram, moment);
}

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  return std::equal(part.prompts.begin(), part.prompts.end(), whole.prompts.begin()) &&
         std::equal(part.targets.begin(), part.targets.end(), whole.targets.begin());
}

} // namespace

TEST_CASE("a prompt's examples determine its weights, and these the query's target") {
  for (const char* covariates : {"normal", "sphere", "gamma"})
    for (const char* targets : {"linear", "random-mlp"}) {
      INFO(covariates << " " << targets);
      const LinearRegression task(regression(covariates, targets));
      const tasks::RandomNetwork network(5);
      const tasks::RandomNetwork* f = targets == std::string("linear") ? nullptr : &network;
      for (const auto& batch : {task.training_batch(1, 2, 400), task.validation_set(400)}) {
        REQUIRE(batch.count == 400);
        REQUIRE(batch.prompts.size() == 400 * 21 * 6);
        REQUIRE(batch.targets.size() == 400);
        REQUIRE(batch.labels.empty());
        std::vector<double> weights;
        for (std::size_t i = 0; i < 400; ++i) {
          const float* prompt = batch.prompts.data() + i * 21 * 6;
          const float* query = prompt + 20 * 6;
          REQUIRE(query[5] == 0);
          const Vector w = least_squares(prompt, 5, 20, f), x = features(query, 5, f);
          REQUIRE(std::inner_product(w.begin(), w.end(), x.begin(), 0.0) ==
                  Approx(batch.targets[i]).margin(f ? 1e-3 : 1e-4)); // f(x) is worse conditioned
          weights.insert(weights.end(), w.begin(), w.end());
        }
        if (!f) CHECK(statistics::kolmogorov_smirnov(weights, statistics::normal_cdf) < 1.95);
      }
    }
}

TEST_CASE("prompts are a function of seed, step and index alone") {
  for (const char* covariates : {"normal", "sphere", "gamma"}) {
    const LinearRegression task(regression(covariates)), again(regression(covariates));
    const auto batch = task.training_batch(3, 100, 50);
    CHECK(again.training_batch(3, 100, 50).prompts == batch.prompts);
    CHECK(again.training_batch(3, 100, 50).targets == batch.targets);
    CHECK(begins_with(batch, task.training_batch(3, 100, 7)));
    for (const auto& [seed, step] : {std::pair{3, 101}, {4, 100}, {-1, 100}}) {
      const auto other = task.training_batch(seed, step, 50);
      for (std::size_t i = 0; i < 50; ++i) REQUIRE(other.targets[i] != batch.targets[i]);
    }
    const auto fixed = task.validation_set(60);
    CHECK(again.validation_set(60).prompts == fixed.prompts);
    CHECK(begins_with(fixed, task.validation_set(20)));
    CHECK_FALSE(begins_with(fixed, task.training_batch(99, 0, 1)));
  }
}

TEST_CASE("more examples continue a prompt") {
  auto settings = regression();
  const auto longer = LinearRegression(settings).training_batch(1, 1, 3);
  settings.context = 5;
  const LinearRegression task(settings);
  CHECK(task.shape().context == 5);
  CHECK(task.shape().dimension == 5);
  CHECK(task.shape().kind == tasks::InputShape::Kind::Prompts);
  CHECK(task.classes() == 1);
  const auto batch = task.training_batch(1, 1, 3);
  REQUIRE(batch.prompts.size() == 3 * 6 * 6);
  for (std::ptrdiff_t i = 0; i < 3; ++i) {
    CHECK(std::equal(batch.prompts.begin() + i * 36, batch.prompts.begin() + i * 36 + 35,
                     longer.prompts.begin() + i * 126));
    CHECK(batch.targets[static_cast<std::size_t>(i)] ==
          longer.prompts[static_cast<std::size_t>(i * 126 + 35)]);
  }
}

TEST_CASE("the guide is the loss of predicting 0") {
  // E y² = E |x|² or E |f(x)|²; its standard error here is below 1.5 % (gamma, k = 0.1: 4 %).
  const auto check = [](const study::TaskSettings& settings, double expected, double tolerance,
                        double estimate_tolerance = 1e-12) {
    INFO(settings.covariates << " " << settings.targets << " " << settings.gamma_shape);
    const LinearRegression task(settings);
    const auto info = task.info(1, 0);
    REQUIRE(info.guides.size() == 1);
    CHECK(info.guides[0].metric == "loss/validation");
    CHECK(info.guides[0].value == Approx(expected).epsilon(estimate_tolerance));
    double sum = 0;
    for (const float y : task.validation_set(30000).targets) sum += double(y) * y / 30000;
    CHECK(sum == Approx(info.guides[0].value).epsilon(tolerance));
  };
  check(regression("normal"), 5, 0.05);
  check(regression("sphere"), 1, 0.05);
  check(regression("gamma"), 5, 0.05);
  auto heavy = regression("gamma");
  heavy.gamma_shape = 0.1;
  check(heavy, 1, 0.15);
  auto wide = regression("normal");
  wide.dimension = 20;
  wide.context = 2;
  check(wide, 20, 0.05);
  const auto network_level = [](const char* covariates) {
    return LinearRegression(regression(covariates, "random-mlp")).info(1, 0).guides[0].value;
  };
  check(regression("normal", "random-mlp"), network_level("normal"), 0.05);
  check(regression("sphere", "random-mlp"), network_level("sphere"), 0.05);
  // k = 2.5 is the normal distribution, met here with other draws.
  check(regression("gamma", "random-mlp"), network_level("normal"), 0.05, 0.01);
}

TEST_CASE("info describes prompts") {
  const auto info = LinearRegression(regression()).info(3, 0.1);
  CHECK(info.title == "Linear regression in context");
  CHECK(info.data == "prompts of 20 examples in 5 dimensions, standard normal covariates, linear targets");
  CHECK(info.guides[0].label == "predicting 0: 5.000");
  CHECK(info.classes.empty());
  CHECK_FALSE(info.inputs);
  CHECK_FALSE(info.tokens);
  REQUIRE(info.input_labels.size() == 3);
  const auto targets = LinearRegression(regression()).validation_set(3).targets;
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(info.input_labels[i].starts_with("y = "));
    CHECK(std::stod(info.input_labels[i].substr(4)) == Approx(targets[i]).margin(6e-4));
  }
  CHECK(scratch::contains(LinearRegression(regression("sphere", "random-mlp")).info(1, 0).data,
                          "covariates on the unit sphere, targets through a fixed random network"));
}

TEST_CASE("the random network is one hidden layer of 2d ReLUs as nn.Linear initialises it") {
  // From an independent implementation: numbers drawn in the order W1, b1, W2, b2.
  const tasks::RandomNetwork network(3);
  const std::array<float, 3> x = {0.5F, -1, 2};
  std::array<double, 3> f{};
  network.features(x.data(), f.data());
  CHECK(f[0] == Approx(-0.4329806411753643));
  CHECK(f[1] == Approx(0.2585701814503729));
  CHECK(f[2] == Approx(-0.07978161560606976));
  // Larger than the block of hidden units that is computed at a time, and no multiple of it.
  for (const std::int64_t dimension : {1, 3, 8, 13, 64}) {
    const auto d = static_cast<std::size_t>(dimension);
    const tasks::RandomNetwork other(dimension);
    tasks::Random random(1, tasks::Purpose::TrainingBatch, 0, 0);
    std::vector<float> input(d);
    Vector w(d), features(d), read_out(2 * d + 1);
    for (std::size_t i = 0; i < d; ++i) {
      input[i] = static_cast<float>(random.normals()[0]);
      w[i] = random.normals()[0];
    }
    other.features(input.data(), features.data());
    other.read_out(w.data(), read_out.data());
    CHECK(other.respond(read_out.data(), input.data()) ==
          Approx(std::inner_product(w.begin(), w.end(), features.begin(), 0.0)).margin(1e-12));
  }
}

TEST_CASE("unknown targets are refused") {
  CHECK(
      scratch::contains(scratch::message<InputError>([] { LinearRegression(regression("normal", "cubic")); }),
                        "linear, random-mlp"));
}
