#include "engine/analysis/detector.h"

#include <cmath>
#include <functional>
#include <limits>

#include "tests/analysis/curves.h"
#include "tests/catch.h"

using namespace plateau::analysis;
using curves::Curve;
using curves::Random;
using Kind = Detection::Kind;

namespace {

std::vector<Detection> findings(const Curve& curve, Detector detector = Detector()) {
  std::vector<Detection> all;
  for (const auto& evaluation : curve.evaluations)
    for (auto& finding : detector.add(evaluation)) all.push_back(std::move(finding));
  return all;
}

std::vector<Detection> of_kind(const std::vector<Detection>& all, Kind kind) {
  std::vector<Detection> some;
  for (const auto& finding : all)
    if (finding.kind == kind) some.push_back(finding);
  return some;
}

using Family = std::function<Curve(Random&)>;
struct NamedFamily {
  std::string name;
  Family make;
};

std::string listed(const std::vector<int>& seeds) {
  std::string text;
  for (const int seed : seeds) text += " " + std::to_string(seed);
  return text;
}

/// A flat shelf at 1.03 with a drop to 0.65 at step 2050, without noise: 40 + 40 evaluations.
Curve plain_cliff() {
  Curve curve;
  for (int i = 1; i <= 80; ++i) {
    const bool up = i > 40;
    curve.evaluations.push_back({i * 50,
                                 i < 4 ? 2.3 - 0.3 * i
                                 : up  ? 0.65
                                       : 1.03,
                                 i < 4 ? 2.0 - 0.3 * i
                                 : up  ? 0.3
                                       : 0.7,
                                 i < 4 ? 0.1 * i
                                 : up  ? 0.86
                                       : 0.53});
  }
  return curve;
}

} // namespace

TEST_CASE("no Eureka-moment is seen where there is none") {
  const std::vector<NamedFamily> families{
      {"exponential decay", curves::exponential_decay},
      {"power-law decay", curves::power_law_decay},
      {"shoulder", curves::shoulder},
      {"noisy flat line", curves::noisy_flat},
      {"drifting flat line", curves::drifting_flat},
      {"spikes of single evaluations", curves::spiky},
      {"cosine schedule", curves::cosine_wiggles},
      {"learning-rate steps", curves::learning_rate_steps},
      {"slow shelf (eureka.md 6.1, seed 1337)", [](Random& r) { return digitised(curves::seed_1337, r); }},
      {"CNN (eureka.md 6.1, ResNet)", [](Random& r) { return digitised(curves::resnet, r); }},
      {"grokking", curves::grokking},
      {"memorising", curves::memorising},
      {"instability", curves::excursion},
  };
  for (const auto& family : families) {
    std::vector<int> wrong;
    for (int seed = 0; seed < 200; ++seed) {
      Random random(static_cast<std::uint64_t>(seed));
      if (!of_kind(findings(family.make(random)), Kind::EurekaMoment).empty()) wrong.push_back(seed);
    }
    INFO(family.name << ", seeds" << listed(wrong));
    CHECK(wrong.empty());
  }
}

TEST_CASE("jumps after a shelf are found where they are") {
  std::vector<NamedFamily> families{
      {"live run", curves::live_run},
      {"declining shelf", curves::declining_shelf},
      {"slow run (eureka.md 6.1, seed 42)",
       [](Random& r) {
         auto curve = digitised(curves::seed_42, r);
         curve.jump = 62000;
         curve.width = 2000;
         return curve;
       }},
      {"no accuracy measured",
       [](Random& r) {
         auto curve = curves::live_run(r);
         for (auto& e : curve.evaluations) e.accuracy = std::nan("");
         return curve;
       }},
  };
  for (const int evaluations : {2, 5, 10, 20})
    for (const double noise : {0.01, 0.03, 0.05})
      families.push_back(
          {"cliff of " + std::to_string(evaluations) + " evaluations, noise " + std::to_string(noise),
           [=](Random& r) { return curves::cliff_of(evaluations, noise, r); }});
  for (const auto& family : families) {
    std::vector<int> wrong;
    for (int seed = 0; seed < 200; ++seed) {
      Random random(static_cast<std::uint64_t>(seed));
      const auto curve = family.make(random);
      const auto found = of_kind(findings(curve), Kind::EurekaMoment);
      const auto tolerance = 2 * curve.spacing + curve.width / 2;
      if (found.size() != 1 || std::abs(found[0].step - curve.jump) > tolerance) wrong.push_back(seed);
    }
    INFO(family.name << ", seeds" << listed(wrong));
    CHECK(wrong.size() <= 4); // 98 %
  }
}

TEST_CASE("plateaus before a jump are found with their level, begin and end") {
  int found = 0;
  for (int seed = 0; seed < 100; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const auto curve = curves::live_run(random);
    Detector detector;
    for (const auto& evaluation : curve.evaluations) detector.add(evaluation);
    const auto plateau = detector.plateau();
    if (!plateau) continue;
    const bool begins = plateau->begin > 0 && plateau->begin < curve.jump / 2;
    const bool ends = std::abs(plateau->end - curve.jump) <= curve.width + 2 * curve.spacing;
    found += begins && ends && std::abs(plateau->level - curve.level) < 0.04;
  }
  CHECK(found >= 98);
}

TEST_CASE("a gradual escape ends the plateau without a Eureka-moment") {
  int ended = 0, sudden = 0;
  for (int seed = 0; seed < 200; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const auto all = findings(curves::gradual_escape(random));
    ended += !of_kind(all, Kind::PlateauEnd).empty();
    sudden += !of_kind(all, Kind::EurekaMoment).empty();
  }
  CHECK(ended >= 190);
  CHECK(sudden <= 4); // as slow as the shelf is long; the border is not sharp
}

TEST_CASE("a CNN that learns at once has no plateau") {
  for (int seed = 0; seed < 50; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    CHECK(findings(digitised(curves::resnet, random)).empty());
  }
}

TEST_CASE("findings are told in one line with the numbers") {
  const auto all = findings(plain_cliff());
  REQUIRE(all.size() == 3);
  CHECK(all[0].kind == Kind::PlateauBegin);
  CHECK(all[0].step == 200);
  CHECK(all[0].level == Approx(1.03));
  CHECK(all[0].text == "plateau at 1.03 from step 200");
  CHECK(all[1].kind == Kind::PlateauEnd);
  CHECK(all[1].step == 2000);
  CHECK(all[1].text == "plateau at 1.03 from step 200 ended at step 2 000 (1 800 steps)");
  CHECK(all[2].kind == Kind::EurekaMoment);
  CHECK(all[2].step == 2050);
  CHECK(all[2].level == Approx(0.86));
  CHECK(all[2].text == "Eureka-moment at step 2 050: accuracy 0.53 → 0.86 within 50 steps");
}

TEST_CASE("a jump is reported within a few evaluations") {
  const auto curve = plain_cliff();
  Detector detector;
  std::int64_t reported = 0;
  for (const auto& evaluation : curve.evaluations)
    for (const auto& finding : detector.add(evaluation))
      if (finding.kind == Kind::EurekaMoment) reported = evaluation.step;
  CHECK(reported <= 2050 + 5 * 50);
  CHECK(detector.eureka_step() == 2050);
}

TEST_CASE("a copy goes on by itself, and the same curve gives the same findings") {
  Random random(3);
  const auto curve = curves::live_run(random);
  const auto whole = findings(curve);
  REQUIRE_FALSE(whole.empty());
  Detector original;
  std::vector<Detection> first;
  const auto half = curve.evaluations.size() / 2;
  for (std::size_t i = 0; i < half; ++i)
    for (auto& finding : original.add(curve.evaluations[i])) first.push_back(finding);
  Detector copy = original;
  for (int i = 0; i < 30; ++i) original.add({100000 + i * 50, 5, 5, 0}); // another fate
  for (std::size_t i = half; i < curve.evaluations.size(); ++i)
    for (auto& finding : copy.add(curve.evaluations[i])) first.push_back(finding);
  REQUIRE(first.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(first[i].kind == whole[i].kind);
    CHECK(first[i].step == whole[i].step);
    CHECK(first[i].text == whole[i].text);
  }
}

TEST_CASE("a loss that is no number is divergence, told once") {
  auto curve = plain_cliff();
  curve.evaluations[30].train_loss = std::nan("");
  curve.evaluations[31].validation_loss = std::numeric_limits<double>::infinity();
  const auto found = of_kind(findings(curve), Kind::Divergence);
  REQUIRE(found.size() == 1);
  CHECK(found[0].step == 31 * 50);
  CHECK(found[0].text == "diverged at step 1 550: the training loss is not a finite number");
}

TEST_CASE("a loss that rises far above its start and stays is divergence") {
  Curve curve;
  for (int i = 1; i <= 40; ++i)
    curve.evaluations.push_back({i * 50, i < 20 ? 2.3 - 0.05 * i : 2.0 + 0.3 * (i - 20), 2.0, 0.2});
  const auto found = of_kind(findings(curve), Kind::Divergence);
  REQUIRE(found.size() == 1);
  CHECK(found[0].step == 50 * 25); // the first evaluation above one and a half of 2.25

  auto spike = plain_cliff();
  for (int i = 20; i < 23; ++i) spike.evaluations[i].train_loss = 50; // comes back
  CHECK(of_kind(findings(spike), Kind::Divergence).empty());
}

TEST_CASE("a plateau that ends upwards says so") {
  auto curve = plain_cliff();
  for (int i = 40; i < 80; ++i) curve.evaluations[i] = {(i + 1) * 50, 1.6, 1.2, 0.3};
  const auto all = findings(curve);
  REQUIRE(all.size() >= 2);
  CHECK(all[1].text == "plateau at 1.03 from step 200 ended at step 2 000 (1 800 steps), the loss rose");
  CHECK(of_kind(all, Kind::EurekaMoment).empty());
}

TEST_CASE("the longest plateau is the one that counts") {
  Detector detector;
  CHECK_FALSE(detector.plateau());
  CHECK_FALSE(detector.eureka_step());
  for (const auto& evaluation : plain_cliff().evaluations) {
    detector.add(evaluation);
    if (evaluation.step == 1500) {
      REQUIRE(detector.plateau());
      CHECK(detector.plateau()->begin == 200);
      CHECK(detector.plateau()->end == 1500); // it still lasts
    }
  }
  CHECK(detector.plateau()->end == 2000);
  CHECK(detector.plateau()->level == Approx(1.03));
}
