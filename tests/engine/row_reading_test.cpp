// What the Attention lab computes: readings and gradients of one row, LASER's two tokens (laser.md B2).
#include "engine/attention/row_reading.h"

#include <cmath>

#include "tests/catch.h"

using namespace plateau;
using namespace plateau::attention;

namespace {

const std::vector<double> scores{0.3, -0.8, 0.6, 0.1, 0.9}, values{1.2, -0.7, 0.4, 2.5, -1.1};

} // namespace

TEST_CASE("Row reading: softmax's gradients are a (v - o) and p - a") {
  RowOptions options;
  options.tau = 0.7;
  const auto reading = read_row("softmax", scores, values, options);
  REQUIRE(reading.has_laser);
  double normaliser = 0;
  for (std::size_t j = 0; j < scores.size(); ++j) normaliser += std::exp(scores[j] / 0.7 + values[j]);
  for (std::size_t j = 0; j < scores.size(); ++j) {
    const double a = reading.weights[j], p = std::exp(scores[j] / 0.7 + values[j]) / normaliser;
    CHECK(reading.mean_gradient[j] == Approx(a * (values[j] - reading.mean) / 0.7));
    CHECK(reading.laser_gradient[j] == Approx((p - a) / 0.7));
  }
  CHECK(reading.laser >= reading.mean); // Jensen
}

TEST_CASE("Row reading: every variant's gradients are those of finite differences") {
  for (const auto& info : variants()) {
    INFO(info.name);
    auto row = scores;
    if (info.row_input == RowInput::Similarities)
      for (double& score : row) score = std::exp(score);
    const auto reading = read_row(info.name, row, values, {});
    if (info.name == "linear" || info.name == "differential") CHECK_FALSE(reading.has_laser);
    for (std::size_t j = 0; j < row.size(); ++j) {
      auto up = row, down = row;
      up[j] += 1e-6;
      down[j] -= 1e-6;
      const auto above = read_row(info.name, up, values, {}), below = read_row(info.name, down, values, {});
      CHECK(reading.mean_gradient[j] == Approx((above.mean - below.mean) / 2e-6).margin(1e-7).epsilon(1e-5));
      if (reading.has_laser)
        CHECK(reading.laser_gradient[j] ==
              Approx((above.laser - below.laser) / 2e-6).margin(1e-7).epsilon(1e-5));
    }
  }
}

TEST_CASE("Two tokens: slopes and the escape race as laser.md B2 has them") {
  for (const double s : {-8.0, -1.0, 0.0, 3.0}) {
    const auto mean = [](double x) { return 2.5 / (1 + std::exp(-x)); };
    const auto laser = [](double x) {
      return std::log(std::exp(2.5) / (1 + std::exp(-x)) + 1 / (1 + std::exp(x)));
    };
    CHECK(two_token_slope(s, 2.5) == Approx((mean(s + 1e-5) - mean(s - 1e-5)) / 2e-5).epsilon(1e-6));
    CHECK(two_token_laser_slope(s, 2.5) == Approx((laser(s + 1e-5) - laser(s - 1e-5)) / 2e-5).epsilon(1e-6));
  }
  const auto steps = [](bool laser, double start, double difference, bool to_high) {
    const auto race = escape_race(laser, start, difference, to_high);
    CHECK(race.arrived);
    CHECK(race.errors.back() <= 0.1);
    CHECK(race.steps.size() < 2000);
    return race.taken;
  };
  CHECK(steps(false, -8, 2, true) == 7699);
  CHECK(steps(true, -8, 2, true) == 2601);
  CHECK(steps(false, -8, 4, true) == 1926);
  CHECK(steps(true, -8, 4, true) == 223);
  CHECK(steps(false, -8, 8, true) == 483);
  CHECK(steps(true, -8, 8, true) == 35);
  // The target has the lower value: LASER is slower, x 0.44, 0.25, 0.13.
  CHECK(double(steps(false, 8, 2, false)) / double(steps(true, 8, 2, false)) == Approx(0.44).margin(0.005));
  CHECK(double(steps(false, 8, 4, false)) / double(steps(true, 8, 4, false)) == Approx(0.25).margin(0.005));
  CHECK(double(steps(false, 8, 8, false)) / double(steps(true, 8, 8, false)) == Approx(0.13).margin(0.005));
  CHECK_FALSE(escape_race(false, -12, 0.1, true, 1000).arrived);
}
