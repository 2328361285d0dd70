#include "engine/tasks/two_step_theory.h"

#include <array>
#include <cmath>

#include "tests/catch.h"

using namespace plateau::tasks;

TEST_CASE("plateau and floor are the table's (eureka.md 1.5)") {
  CHECK(plateau_loss({}, 0.1) == Approx(1.0246).margin(5e-5));
  CHECK(floor_loss(10, 0.1) == Approx(0.5003).margin(5e-5));
  CHECK(plateau_loss({}, 0) == Approx(0.6238).margin(5e-5));
  CHECK(floor_loss(10, 0) == 0);
  CHECK(plateau_accuracy({}) == Approx(0.55));
}

TEST_CASE("a model trained with smoothing stays above the unsmoothed levels") {
  // It gives each of two candidates 0.45 + 0.01, a known label 0.91.
  CHECK(unsmoothed_plateau_loss({}, 0.1) == Approx(-0.9 * std::log(0.46) - 0.1 * std::log(0.91)));
  CHECK(unsmoothed_floor_loss(10, 0.1) == Approx(-std::log(0.91)));
  CHECK(unsmoothed_plateau_loss({}, 0) == Approx(plateau_loss({}, 0)));
  CHECK(unsmoothed_floor_loss(10, 0) == Approx(0));
  CHECK(unsmoothed_plateau_loss({10, 0.1, 1}, 0.1) == Approx(unsmoothed_floor_loss(10, 0.1)));
}

TEST_CASE("the plateau is the least loss that any mixture of both candidates reaches") {
  // Expected cross-entropy of predicting a share w of the first candidate, for smoothed labels.
  const auto loss = [](double same, double smoothing, double w) {
    const double other = smoothing / 10;
    const std::array<double, 3> predicted = {w * (1 - smoothing) + other, (1 - w) * (1 - smoothing) + other,
                                             other};
    const auto cross_entropy = [&](std::size_t truth) {
      double sum = -8 * other * std::log(other);
      for (std::size_t k = 0; k < 2; ++k)
        sum -= (other + (k == truth ? 1 - smoothing : 0)) * std::log(predicted[k]);
      return sum;
    };
    return 0.9 * (same * cross_entropy(0) + (1 - same) * cross_entropy(1)) + 0.1 * floor_loss(10, smoothing);
  };
  for (const double same : {0.5, 0.7, 0.95})
    for (const double smoothing : {0.01, 0.1, 0.3}) {
      double least = 1e9;
      for (double w = 0.001; w < 1; w += 0.001) least = std::min(least, loss(same, smoothing, w));
      CHECK(plateau_loss({10, 0.1, same}, smoothing) == Approx(least).margin(1e-5));
    }
}

TEST_CASE("nothing is left to guess when the decision or the candidates agree") {
  for (const double smoothing : {0.0, 0.1}) {
    CHECK(plateau_loss({10, 1, 0.5}, smoothing) == Approx(floor_loss(10, smoothing)));
    CHECK(plateau_loss({10, 0.1, 1}, smoothing) == Approx(floor_loss(10, smoothing)));
  }
  CHECK(plateau_accuracy({10, 0.1, 1}) == Approx(1));
  CHECK(plateau_accuracy({10, 0.1, 0.2}) == Approx(0.1 + 0.9 * 0.8));
  CHECK(plateau_accuracy({10, 1, 0.5}) == Approx(1));
}
