#include "engine/tasks/character_models.h"

#include <cmath>
#include <string>
#include <vector>

#include "tests/catch.h"

using namespace plateau::tasks;

namespace {

using Tokens = std::vector<std::uint8_t>;

} // namespace

TEST_CASE("losses of frequencies by hand") {
  // Training 0 0 1 2 0 1: three 0, two 1, one 2; pairs 00, 01, 12, 20, 01. Held out 1 0 1 2: predicted are 0,
  // 1, 2.
  const Tokens training = {0, 0, 1, 2, 0, 1}, held_out = {1, 0, 1, 2};
  const auto losses = character_losses(training, held_out, 3, 0);
  CHECK(losses.single == Approx(-(std::log(4 / 9.0) + std::log(3 / 9.0) + std::log(2 / 9.0)) / 3));
  CHECK(losses.pairs == Approx(-(std::log(1 / 4.0) + std::log(3 / 6.0) + std::log(2 / 4.0)) / 3));
  const auto mixed = character_losses(training, held_out, 3, 0.3);
  CHECK(
      mixed.single ==
      Approx(-(std::log(0.7 * 4 / 9 + 0.1) + std::log(0.7 * 3 / 9 + 0.1) + std::log(0.7 * 2 / 9 + 0.1)) / 3));
  CHECK(mixed.pairs == Approx(-(std::log(0.7 / 4 + 0.1) + 2 * std::log(0.7 / 2 + 0.1)) / 3));
}

TEST_CASE("characters known only together share their counts") {
  const Tokens training = {0, 0, 1, 2, 0, 1}, held_out = {1, 0, 1, 2};
  const std::vector<Tokens> sets = {{0, 2}}; // three and one: two each
  CHECK(pooled_character_loss(training, held_out, 3, sets, 0) == Approx(-std::log(3 / 9.0)));
  const std::vector<Tokens> others = {{0, 1}}; // three and two
  CHECK(pooled_character_loss(training, held_out, 3, others, 0.3) ==
        Approx(-(2 * std::log(0.7 * 3.5 / 9 + 0.1) + std::log(0.7 * 2 / 9 + 0.1)) / 3));
  CHECK(pooled_character_loss(training, held_out, 3, {}, 0.3) ==
        character_losses(training, held_out, 3, 0.3).single);
}

TEST_CASE("a character that training never saw costs no infinite loss") {
  const Tokens training(100, 0), held_out = {0, 1, 1};
  const auto losses = character_losses(training, held_out, 2, 0);
  CHECK(losses.single == Approx(-std::log(1 / 102.0)));
  CHECK(losses.pairs == Approx(-(std::log(1 / 101.0) + std::log(1 / 2.0)) / 2));
}

TEST_CASE("pairs tell what single characters cannot") {
  Tokens alternating(10000);
  for (std::size_t i = 0; i < alternating.size(); ++i) alternating[i] = i % 2;
  const auto losses = character_losses(alternating, alternating, 2, 0);
  CHECK(losses.single == Approx(std::log(2)));
  CHECK(losses.pairs < 3e-4);
}
