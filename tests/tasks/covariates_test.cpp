#include "engine/tasks/covariates.h"

#include <algorithm>

#include "engine/analysis/statistics.h"
#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"
#include "tests/tasks/statistics.h"

using namespace plateau;
using tasks::Covariates;

namespace {

study::TaskSettings drawn(const std::string& name, double shape = 0.1, std::int64_t dimension = 5) {
  study::TaskSettings settings;
  settings.covariates = name;
  settings.gamma_shape = shape;
  settings.dimension = dimension;
  return settings;
}

/// [count, dimension]
std::vector<float> draws(const study::TaskSettings& settings, std::int64_t count) {
  const Covariates covariates(settings);
  std::vector<float> x(static_cast<std::size_t>(count * settings.dimension));
  tasks::Random random(7, tasks::Purpose::TrainingBatch, 0, 0);
  for (std::int64_t i = 0; i < count; ++i) covariates.draw(random, x.data() + i * settings.dimension);
  return x;
}

std::vector<double> squared_lengths(const study::TaskSettings& settings, std::int64_t count) {
  const auto x = draws(settings, count);
  std::vector<double> result(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < x.size(); ++i)
    result[i / static_cast<std::size_t>(settings.dimension)] += static_cast<double>(x[i]) * x[i];
  return result;
}

} // namespace

TEST_CASE("squared lengths have the set distribution") {
  SECTION("normal: chi-square") {
    const auto squares = squared_lengths(drawn("normal"), 400000);
    CHECK(statistics::kolmogorov_smirnov(squares,
                                         [](double s) { return statistics::gamma_cdf(2.5, s / 2); }) < 1.63);
    const auto moments = plateau::analysis::moments(squares);
    CHECK(moments.mean == Approx(5).margin(0.02));
    CHECK(moments.deviation * moments.deviation == Approx(10).margin(0.14));
  }
  SECTION("sphere: one") {
    for (const double square : squared_lengths(drawn("sphere"), 2000))
      REQUIRE(square == Approx(1).epsilon(1e-6));
    CHECK(Covariates(drawn("sphere")).mean_squared_length() == 1);
  }
  SECTION("gamma: mean k θ and variance 10, whatever k is") {
    // Margins are four standard errors: 4 sqrt(10 / n), and 40 sqrt((2 + 6 / k) / n).
    for (const double k : {0.02, 0.1, 0.9, 1.0, 2.5, 40.0}) {
      INFO("k = " << k);
      const double scale = std::sqrt(10 / k);
      auto squares = squared_lengths(drawn("gamma", k), 400000);
      const auto moments = plateau::analysis::moments(squares);
      CHECK(moments.mean == Approx(k * scale).margin(0.02));
      CHECK(moments.deviation * moments.deviation == Approx(10).margin(40 * std::sqrt((2 + 6 / k) / 400000)));
      CHECK(Covariates(drawn("gamma", k)).mean_squared_length() == Approx(k * scale));
      // Squares of the shortest vectors are too small for floats, so the shape is that of the others.
      const double least = 1e-60, below = statistics::gamma_cdf(k, least / scale);
      const auto end = std::remove_if(squares.begin(), squares.end(), [&](double s) { return s < least; });
      CHECK(double(squares.end() - end) / 400000 == Approx(below).margin(0.003));
      squares.erase(end, squares.end());
      CHECK(statistics::kolmogorov_smirnov(squares, [&](double s) {
              return (statistics::gamma_cdf(k, s / scale) - below) / (1 - below);
            }) < 1.63);
    }
  }
}

TEST_CASE("gamma covariates of shape d/2 are normal covariates") {
  const std::int64_t count = 300000;
  CHECK(statistics::kolmogorov_smirnov(squared_lengths(drawn("gamma", 2.5), count),
                                       squared_lengths(drawn("normal"), count)) < 1.63);
  std::vector<double> first;
  const auto x = draws(drawn("gamma", 2.5), count);
  for (std::size_t i = 0; i < x.size(); i += 5) first.push_back(x[i]);
  CHECK(statistics::kolmogorov_smirnov(first, statistics::normal_cdf) < 1.63);
}

TEST_CASE("directions are uniform on the sphere and tell nothing about the length") {
  const std::int64_t count = 200000;
  // Archimedes: each coordinate of a uniform point of the ordinary sphere is uniform.
  const auto sphere = draws(drawn("sphere", 0.1, 3), count);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> coordinate;
    for (std::size_t i = axis; i < sphere.size(); i += 3) coordinate.push_back(sphere[i]);
    CHECK(statistics::kolmogorov_smirnov(coordinate, [](double c) { return (c + 1) / 2; }) < 1.63);
  }
  const auto x = draws(drawn("gamma", 0.1, 3), count);
  double product = 0, with_length = 0;
  std::vector<double> coordinate;
  for (std::size_t i = 0; i < x.size(); i += 3) {
    const double length =
        std::sqrt(double(x[i]) * x[i] + double(x[i + 1]) * x[i + 1] + double(x[i + 2]) * x[i + 2]);
    if (length < 1e-30) continue; // too short for floats to keep the direction
    coordinate.push_back(x[i] / length);
    product += x[i] / length * x[i + 1] / length / double(count);
    with_length += x[i] / length * std::min(length, 3.0) / double(count);
  }
  CHECK(statistics::kolmogorov_smirnov(coordinate, [](double c) { return (c + 1) / 2; }) < 1.63);
  CHECK(product == Approx(0).margin(0.003)); // standard error 0.0006
  CHECK(with_length == Approx(0).margin(0.005));
}

TEST_CASE("the smallest shapes and dimensions give finite numbers") {
  for (const char* name : {"normal", "sphere", "gamma"})
    for (const std::int64_t dimension : {1, 64})
      for (const float value : draws(drawn(name, 0.01, dimension), 20000)) REQUIRE(std::isfinite(value));
  for (const float value : draws(drawn("sphere", 0.1, 1), 100)) REQUIRE(std::abs(value) == 1);
}

TEST_CASE("covariates say what they are, and an unknown name is refused") {
  CHECK(Covariates(drawn("normal")).description() == "standard normal covariates");
  CHECK(Covariates(drawn("sphere")).description() == "covariates on the unit sphere");
  CHECK(Covariates(drawn("gamma")).description() ==
        "covariates of gamma distributed squared length (k = 0.1, θ = 10)");
  CHECK(scratch::contains(scratch::message<InputError>([] { Covariates(drawn("cauchy")); }),
                          "normal, sphere, gamma"));
}
