#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/analysis/curves.h"
#include "tests/catch.h"

using namespace plateau::analysis;
using Kind = Detection::Kind;
using curves::Random;

namespace {

const double entropy = std::log(4.0);
constexpr double chance = 0.25;

Detector detector() {
  return Detector(
      {.watches = DetectorOptions::Watches::InContext, .plateau_loss = entropy, .chance = chance});
}

struct Noise {
  double loss = 0, accuracy = 0;
};

/// Falls from 1.8 to ln 4 within the first 200 steps; then, `breaks` being the middle, in 300 steps to 0.6
/// and an accuracy late in the sequence of 0.8; earlier in it of 0.6.
std::vector<Evaluation> run(double breaks, Noise noise = {}, std::uint64_t seed = 0,
                            std::int64_t steps = 5000) {
  Random random(seed);
  std::vector<Evaluation> curve;
  for (std::int64_t step = 100; step <= steps; step += 100) {
    const double x = static_cast<double>(step);
    const double rise = 1 / (1 + std::exp(-(x - breaks) / 75));
    const double loss = entropy + 0.4 * std::exp(-x / 60) - 0.8 * rise + random.normal(noise.loss);
    const auto answers = [&](double top) {
      return chance + (top - chance) * rise + random.normal(noise.accuracy);
    };
    Evaluation e{step, loss, loss, answers(0.6)};
    e.late_accuracy = answers(0.8);
    curve.push_back(e);
  }
  return curve;
}

std::vector<Detection> findings(const std::vector<Evaluation>& curve, Detector watching = detector()) {
  std::vector<Detection> all;
  for (const auto& evaluation : curve)
    for (auto& finding : watching.add(evaluation)) all.push_back(std::move(finding));
  return all;
}

} // namespace

TEST_CASE("the plateau before the context is read begins at the labels' entropy and ends with the break") {
  auto watching = detector();
  std::vector<Detection> all;
  for (const auto& evaluation : run(2400)) {
    for (auto& finding : watching.add(evaluation)) {
      // Told at the third evaluation in a row.
      CHECK(evaluation.step == finding.step + 200);
      all.push_back(std::move(finding));
    }
    if (evaluation.step == 1500) {
      REQUIRE(watching.plateau());
      CHECK(watching.plateau()->begin == 200);
      CHECK(watching.plateau()->end == 1500);
      CHECK_FALSE(watching.eureka_step());
    }
  }
  // 0.4 exp(-x / 60) < 0.03 ln 4 from 136 on; 0.55 / (1 + exp(-(x - 2400) / 75)) > 0.10 from 2288 on.
  REQUIRE(all.size() == 3);
  CHECK(all[0].kind == Kind::PlateauBegin);
  CHECK(all[0].step == 200);
  CHECK(all[0].level == Approx(entropy).epsilon(0.01));
  CHECK(all[0].text == "plateau at 1.39 from step 200: the labels' entropy is 1.39");
  CHECK(all[1].kind == Kind::PlateauEnd);
  CHECK(all[1].step == 2300);
  CHECK(all[1].level == Approx(entropy).epsilon(0.01));
  CHECK(all[1].text == "plateau at 1.39 from step 200 ended at step 2 300 (2 100 steps)");
  CHECK(all[2].kind == Kind::EurekaMoment);
  CHECK(all[2].step == 2300);
  CHECK(all[2].text ==
        "reads the context from step 2 300: accuracy 0.36 late in the sequence, 0.25 by chance");
  CHECK(watching.plateau()->begin == 200);
  CHECK(watching.plateau()->end == 2300);
  CHECK(watching.plateau()->level == Approx(entropy).epsilon(0.01));
  CHECK(watching.eureka_step() == 2300);
}

TEST_CASE("noise neither breaks a plateau nor hides the break") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto all = findings(run(2400, {.loss = 0.01, .accuracy = 0.03}, seed));
    REQUIRE(all.size() == 3);
    CHECK(all[0].kind == Kind::PlateauBegin);
    CHECK(all[0].step <= 500);
    CHECK(all[1].kind == Kind::PlateauEnd);
    CHECK(all[1].step >= 2200);
    CHECK(all[1].step <= 2500);
  }
}

TEST_CASE("two evaluations above chance are no break, and a loss that only passes the plateau is none") {
  auto curve = run(1e6);
  for (const std::size_t i : {10U, 11U, 13U, 14U, 20U}) curve[i].late_accuracy = 0.9;
  CHECK(findings(curve).size() == 1);

  std::vector<Evaluation> passing;
  for (int i = 1; i <= 40; ++i) passing.push_back({i * 100, 2 - 0.03 * i, 2, 0.25});
  CHECK(findings(passing).empty()); // 0.083 high, 2 evaluations at a time
}

TEST_CASE("a run that never reads the context is one plateau that lasts, wherever the loss goes") {
  auto watching = detector();
  for (auto evaluation : run(1e6)) {
    if (evaluation.step > 2000 && evaluation.step < 3000) evaluation.train_loss = 0.9; // the weights' doing
    watching.add(evaluation);
  }
  CHECK(watching.plateau()->begin == 200);
  CHECK(watching.plateau()->end == 5000);
  CHECK_FALSE(watching.eureka_step());
}

TEST_CASE("a break may come without a plateau") {
  auto curve = run(900);
  for (auto& evaluation : curve) evaluation.train_loss *= 0.7; // half of the sequences are known by heart
  auto watching = detector();
  std::vector<Detection> all;
  for (const auto& evaluation : curve)
    for (auto& finding : watching.add(evaluation)) all.push_back(std::move(finding));
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::EurekaMoment);
  CHECK(all[0].step == 800);
  CHECK(all[0].text == "reads the context from step 800, without a plateau before: accuracy 0.36 late in the "
                       "sequence, 0.25 by chance");
  CHECK_FALSE(watching.plateau());
  CHECK(watching.eureka_step() == 800);
}

TEST_CASE("after the break no plateau is sought") {
  auto curve = run(1500);
  for (std::size_t i = 30; i < curve.size(); ++i) { // attention collapses
    curve[i].train_loss = entropy;
    curve[i].late_accuracy = chance;
  }
  CHECK(findings(curve).size() == 3);
}

TEST_CASE("without an accuracy late in the sequence, that of all counts") {
  auto curve = run(2400);
  for (auto& evaluation : curve) evaluation.late_accuracy = std::numeric_limits<double>::quiet_NaN();
  const auto all = findings(curve);
  REQUIRE(all.size() == 3);
  CHECK(all[2].step == 2400); // 0.35 / (1 + exp(-(x - 2400) / 75)) > 0.10 from 2331 on
}

TEST_CASE("a run in context that diverges says so") {
  auto curve = run(1e6);
  for (std::size_t i = 30; i < 40; ++i) curve[i].train_loss = 7;
  curve[45].train_loss = std::nan("");
  const auto all = findings(curve);
  REQUIRE(all.size() == 2); // once
  CHECK(all[1].kind == Kind::Divergence);
  CHECK(all[1].step == 3100);
}

TEST_CASE("feeding a run in context again gives the same, and a copy goes on by itself") {
  const auto curve = run(2400, {.loss = 0.01, .accuracy = 0.03}, 5);
  const auto whole = findings(curve);
  REQUIRE(whole.size() == 3);
  for (const std::size_t cut : {2U, 3U, 10U, 23U, 24U, 25U}) {
    auto original = detector();
    std::vector<Detection> all;
    for (std::size_t i = 0; i < cut; ++i)
      for (auto& finding : original.add(curve[i])) all.push_back(std::move(finding));
    Detector copy = original;
    for (int i = 0; i < 30; ++i) original.add({100000 + i * 50, 0.1, 0.1, 1});
    for (std::size_t i = cut; i < curve.size(); ++i)
      for (auto& finding : copy.add(curve[i])) all.push_back(std::move(finding));
    REQUIRE(all.size() == whole.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i].step == whole[i].step);
      CHECK(all[i].text == whole[i].text);
    }
  }
}
