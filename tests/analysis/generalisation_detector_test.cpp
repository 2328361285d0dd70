#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/analysis/curves.h"
#include "tests/catch.h"

using namespace plateau::analysis;
using Kind = Detection::Kind;
using curves::Random;

namespace {

Detector detector() {
  return Detector({.watches = DetectorOptions::Watches::Generalisation});
}

/// Training accuracy rises until `memorised`, test accuracy by a logistic curve around `generalised`; the
/// training loss falls to 1e-4, the test loss to 0.005 after a hump.
std::vector<Evaluation> grokking(double memorised, double generalised, double noise = 0,
                                 std::uint64_t seed = 0, std::int64_t steps = 6000) {
  Random random(seed);
  std::vector<Evaluation> curve;
  for (std::int64_t step = 50; step <= steps; step += 50) {
    const double x = static_cast<double>(step);
    const double learnt = std::min(1.0, x / memorised), found = 1 / (1 + std::exp(-(x - generalised) / 60));
    const auto noisy = [&](double value) { return std::clamp(value + random.normal(noise), 0.0, 1.0); };
    curve.push_back({step, 4 * (1 - learnt) + 1e-4, 4 + 10 * learnt * (1 - found) - 3.995 * found,
                     noisy(0.3 * learnt + (1 - 0.3 * learnt) * found), noisy(learnt)});
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

TEST_CASE("grokking is told as memorisation and delayed generalisation") {
  auto watching = detector();
  const auto curve = grokking(200, 1100);
  std::vector<Detection> all;
  for (const auto& evaluation : curve) {
    for (auto& finding : watching.add(evaluation)) all.push_back(std::move(finding));
    if (evaluation.step == 150) CHECK_FALSE(watching.plateau());
    if (evaluation.step == 1000) {
      REQUIRE(watching.plateau());
      CHECK(watching.plateau()->begin == 200);
      CHECK(watching.plateau()->end == 1000); // it still lasts
      CHECK_FALSE(watching.eureka_step());
    }
  }
  // 0.3 + 0.7 / (1 + exp(-(x - 1100) / 60)) >= 0.99 from x = 1100 + 60 ln 69 = 1354 on.
  REQUIRE(all.size() == 2);
  CHECK(all[0].kind == Kind::Memorisation);
  CHECK(all[0].step == 200);
  CHECK(all[0].level == 1);
  CHECK(all[0].text == "memorised at step 200: training accuracy 1.00, test accuracy 0.30");
  CHECK(all[1].kind == Kind::Generalisation);
  CHECK(all[1].step == 1400);
  CHECK(all[1].level == Approx(0.995).margin(0.005));
  CHECK(all[1].text ==
        "generalises at step 1 400: test accuracy 1.00, 1 200 steps after memorising (7.0 times "
        "as late)");
  REQUIRE(watching.plateau());
  CHECK(watching.plateau()->begin == 200);
  CHECK(watching.plateau()->end == 1400);
  CHECK(watching.plateau()->level == Approx(1e-4));
  CHECK(watching.eureka_step() == 1400);
}

TEST_CASE("noise does not move the crossings by more than it hides") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto all = findings(grokking(300, 3000, 0.01, seed));
    REQUIRE(all.size() == 2);
    CHECK(all[0].step >= 300);
    CHECK(all[0].step <= 450);
    CHECK(all[1].step >= 3100); // 0.97 after 170 steps
    CHECK(all[1].step <= 3500);
  }
}

TEST_CASE("what never generalises is one plateau that lasts") {
  auto watching = detector();
  const auto all = findings(grokking(200, 1e6), watching);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == Kind::Memorisation);
  for (const auto& evaluation : grokking(200, 1e6)) watching.add(evaluation);
  CHECK(watching.plateau()->begin == 200);
  CHECK(watching.plateau()->end == 6000);
  CHECK_FALSE(watching.eureka_step());
  CHECK(findings(grokking(1e6, 1e6)).empty()); // nor memorises
}

TEST_CASE("without delay there is no plateau") {
  SECTION("understood before the training accuracy has come there") {
    auto watching = detector();
    const auto all = findings(grokking(8000, 500), watching);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == Kind::Generalisation);
    CHECK(all[0].text.ends_with("test accuracy 0.99, without memorising first"));
  }
  SECTION("memorised later, which is not told") {
    CHECK(findings(grokking(2000, 500)).size() == 1);
  }
  SECTION("both at one evaluation") {
    auto watching = detector();
    std::vector<Detection> all;
    for (const auto& e : {Evaluation{50, 2, 2, 0.4, 0.5}, Evaluation{100, 0.01, 0.01, 1, 1}})
      for (auto& finding : watching.add(e)) all.push_back(std::move(finding));
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == Kind::Memorisation);
    CHECK(all[1].text == "generalises at step 100: test accuracy 1.00, as soon as it has memorised");
    CHECK_FALSE(watching.plateau());
    CHECK(watching.eureka_step() == 100);
  }
  SECTION("a training accuracy that nobody measures") {
    auto curve = grokking(200, 1000);
    for (auto& e : curve) e.train_accuracy = std::numeric_limits<double>::quiet_NaN();
    REQUIRE(findings(curve).size() == 1);
    CHECK(findings(curve)[0].kind == Kind::Generalisation);
  }
}

TEST_CASE("slingshots after generalisation are neither divergence nor a new beginning") {
  auto curve = grokking(200, 1000);
  for (const std::size_t at : {50U, 80U, 110U})
    for (std::size_t i = at; i < at + 6; ++i) { // 300 steps
      curve[i].train_loss = 40;
      curve[i].validation_loss = 40;
      curve[i].accuracy = curve[i].train_accuracy = 0.2;
    }
  const auto all = findings(curve);
  REQUIRE(all.size() == 2);
  CHECK(all[0].kind == Kind::Memorisation);
  CHECK(all[1].kind == Kind::Generalisation);
}

TEST_CASE("divergence is told of what memorises, too") {
  auto curve = grokking(200, 1e6);
  SECTION("a loss that is no number") {
    curve[40].train_loss = std::nan("");
    curve[41].validation_loss = std::numeric_limits<double>::infinity();
    const auto all = findings(curve);
    REQUIRE(all.size() == 2);
    CHECK(all[1].kind == Kind::Divergence);
    CHECK(all[1].step == 41 * 50);
  }
  SECTION("a loss that stays up") {
    for (std::size_t i = 60; i < curve.size(); ++i) curve[i].train_loss = 30;
    const auto all = findings(curve);
    REQUIRE(all.size() == 2);
    CHECK(all[1].kind == Kind::Divergence);
    CHECK(all[1].step == 61 * 50);
  }
  SECTION("before anything was memorised it takes less patience") {
    for (std::size_t i = 3; i < 7; ++i) curve[i] = {curve[i].step, 30, 30, 0, 0};
    for (std::size_t i = 7; i < curve.size(); ++i) curve[i] = {curve[i].step, 3, 3, 0, 0};
    const auto all = findings(curve);
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == Kind::Divergence);
    CHECK(all[0].step == 200);
  }
  SECTION("the test loss may rise as it likes") {
    for (std::size_t i = 10; i < curve.size(); ++i) curve[i].validation_loss = 30;
    CHECK(findings(curve).size() == 1);
  }
}

TEST_CASE("feeding a grokking run again gives the same, and a copy goes on by itself") {
  const auto curve = grokking(300, 2000, 0.01, 7);
  const auto whole = findings(curve);
  REQUIRE(whole.size() == 2);
  for (const std::size_t cut : {3U, 10U, 30U, 60U}) { // halted there, then resumed
    auto original = detector();
    std::vector<Detection> all;
    for (std::size_t i = 0; i < cut; ++i)
      for (auto& finding : original.add(curve[i])) all.push_back(std::move(finding));
    Detector copy = original;
    for (int i = 0; i < 30; ++i) original.add({100000 + i * 50, 5, 5, 1, 1}); // another fate
    for (std::size_t i = cut; i < curve.size(); ++i)
      for (auto& finding : copy.add(curve[i])) all.push_back(std::move(finding));
    REQUIRE(all.size() == whole.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i].step == whole[i].step);
      CHECK(all[i].text == whole[i].text);
    }
  }
}
