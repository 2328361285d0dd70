#include "engine/tasks/recall_theory.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/catch.h"

using namespace plateau::tasks;

namespace {

struct Levels {
  double loss = 0, unsmoothed = 0, accuracy = 0, hit = 0;
};

/// By going through all sequences of values.
Levels by_enumeration(std::int64_t pairs, std::int64_t symbols, double smoothing) {
  const auto p = static_cast<double>(pairs), s = static_cast<double>(symbols);
  const double sequences = std::pow(s, p);
  Levels levels;
  for (std::int64_t number = 0; number < static_cast<std::int64_t>(sequences); ++number) {
    std::vector<double> count(static_cast<std::size_t>(symbols));
    for (std::int64_t i = 0, rest = number; i < pairs; ++i, rest /= symbols)
      count[static_cast<std::size_t>(rest % symbols)] += 1;
    for (const double c : count) {
      const double predicted = (1 - smoothing) * c / p + smoothing / s;
      if (predicted > 0) levels.loss -= predicted * std::log(predicted) / sequences;
      if (c > 0) levels.unsmoothed -= c / p * std::log(predicted) / sequences;
    }
    levels.accuracy += *std::max_element(count.begin(), count.end()) / p / sequences;
    levels.hit += (count[0] > 0) / sequences;
  }
  return levels;
}

} // namespace

TEST_CASE("levels of associative recall are those of all sequences together") {
  for (const RecallSize size : {RecallSize{1, 2}, {2, 2}, {5, 2}, {3, 4}, {4, 4}, {5, 7}, {7, 5}})
    for (const double smoothing : {0.0, 0.1, 0.5}) {
      INFO(size.pairs << " pairs, " << size.symbols << " symbols, smoothing " << smoothing);
      const Levels all = by_enumeration(size.pairs, size.symbols, smoothing);
      CHECK(shown_values_loss(size, smoothing) == Approx(all.loss).margin(1e-12));
      CHECK(unsmoothed_shown_values_loss(size, smoothing) == Approx(all.unsmoothed).margin(1e-12));
      CHECK(shown_values_accuracy(size) == Approx(all.accuracy));
      CHECK(blind_hit_probability(size) == Approx(all.hit));
    }
}

TEST_CASE("values hardly repeat among many symbols") {
  const RecallSize size{8, 4096};
  CHECK(shown_values_loss(size, 0) < std::log(8));
  CHECK(shown_values_loss(size, 0) == Approx(std::log(8)).margin(2e-3));
  CHECK(unsmoothed_shown_values_loss(size, 0) == Approx(shown_values_loss(size, 0)));
  CHECK(shown_values_accuracy(size) == Approx(0.125).epsilon(0.01));
}

TEST_CASE("two values shown often are nearly a fair coin") {
  // Entropy of c / p with c ~ Bin(128, 1/2): ln 2 - 1 / (2 p) - ..., and E max = p / 2 + E |c - p / 2|.
  CHECK(shown_values_loss({128, 2}, 0) == Approx(std::log(2) - 1 / 256.0).margin(5e-5));
  CHECK(shown_values_accuracy({128, 2}) ==
        Approx(0.5 + std::sqrt(128 / (2 * std::numbers::pi)) / 128).margin(2e-4));
}

TEST_CASE("levels are sound at the largest sizes") {
  for (const RecallSize size : {RecallSize{128, 128}, {128, 4096}, {128, 2}, {1, 4096}}) {
    INFO(size.pairs << " pairs, " << size.symbols << " symbols");
    const auto p = static_cast<double>(size.pairs), s = static_cast<double>(size.symbols);
    CHECK(shown_values_loss(size, 0) >= 0);
    CHECK(shown_values_loss(size, 0) <= std::min(std::log(p), std::log(s)) + 1e-12);
    CHECK(shown_values_accuracy(size) >= std::max(1 / p, 1 / s));
    CHECK(shown_values_accuracy(size) <= 1);
    CHECK(blind_hit_probability(size) <= 1);
    CHECK(shown_values_loss(size, 0.1) > shown_values_loss(size, 0));
  }
}
