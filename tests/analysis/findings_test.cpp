#include "engine/analysis/findings.h"

#include <algorithm>
#include <cmath>

#include "tests/catch.h"

using namespace plateau;
using analysis::Finding;

namespace {

training::MemberView linear_member(const std::string& optimizer, std::int64_t seed, double final_loss) {
  training::MemberView member;
  member.name = optimizer + std::to_string(seed);
  member.seed = seed;
  member.step = 1500;
  member.settings.model.kind = "linear-transformer";
  member.settings.model.depth = 3;
  member.settings.task.kind = "linear-regression";
  member.settings.optimizer.kind = optimizer;
  for (std::int64_t step = 0; step <= 1500; step += 50)
    member.series["loss/validation"].push({step, step == 0 ? 5 : final_loss});
  return member;
}

training::Snapshot linear_snapshot(std::vector<training::MemberView> members) {
  auto study = std::make_shared<study::Study>();
  study->settings = members.front().settings;
  training::Snapshot snapshot;
  snapshot.study = std::move(study);
  snapshot.planned_steps = 1500;
  snapshot.members = std::move(members);
  return snapshot;
}

const Finding* find(const std::vector<Finding>& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& f) { return f.name == name; });
  return found == list.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("Adam's lead is the ratio of the last losses, seed by seed") {
  auto members = std::vector{linear_member("sgd", 0, 0.02), linear_member("adamw", 0, 0.001),
                             linear_member("adamw", 1, 0.002), linear_member("sgd", 1, 0.02)};
  members[1].series["loss/validation"] = members[1].series["loss/validation"].fork(30);
  members[1].series["loss/validation"].push({1500, 1e9}); // one rare prompt does not decide
  const auto list = analysis::findings(linear_snapshot(members));
  const auto* lead = find(list, "a-adam-lead");
  REQUIRE(lead);
  REQUIRE(lead->values.size() == 2);
  CHECK(lead->values[0] == Approx(20));
  CHECK(lead->values[1] == Approx(10));
  CHECK(lead->mean == Approx(15));
  CHECK(lead->deviation == Approx(std::sqrt(50.0)));
  CHECK(lead->verdict == Finding::Verdict::Shown);
  CHECK_FALSE(find(list, "f-depth")); // the study has no members for it
}

TEST_CASE("a statement is open until every seed is there") {
  auto members = std::vector{linear_member("sgd", 0, 0.02), linear_member("adamw", 0, 0.001),
                             linear_member("sgd", 1, 0.02), linear_member("adamw", 1, 0.001)};
  members[3].step = 700;
  const auto list = analysis::findings(linear_snapshot(members));
  CHECK(find(list, "a-adam-lead")->verdict == Finding::Verdict::Open);
  CHECK(find(list, "a-adam-lead")->values.size() == 1);
}

TEST_CASE("a member that was halted is left out, and keeps no statement open") {
  auto members = std::vector{linear_member("sgd", 0, 0.02), linear_member("adamw", 0, 0.001),
                             linear_member("sgd", 1, 0.02), linear_member("adamw", 1, 0.001)};
  members[3].step = 94;
  members[3].training = false;
  const auto list = analysis::findings(linear_snapshot(members));
  CHECK(find(list, "a-adam-lead")->verdict == Finding::Verdict::Shown);
  CHECK(find(list, "a-adam-lead")->values.size() == 1);
}

TEST_CASE("the order of the gradient noise is counted in rises") {
  std::vector<training::MemberView> members;
  const auto add = [&](const std::string& covariates, std::int64_t context, double kurtosis) {
    members.push_back(linear_member("adamw", 0, 0.1));
    members.back().settings.task.covariates = covariates;
    members.back().settings.task.context = context;
    members.back().series["noise/kurtosis"].push({0, kurtosis});
    members.back().series["noise/skew"].push({0, kurtosis / 5});
  };
  add("normal", 20, 0.7);
  add("sphere", 20, 0.1);
  add("normal", 5, 7);
  add("gamma", 20, 17);
  auto list = analysis::findings(linear_snapshot(members));
  CHECK(find(list, "b-noise-order")->mean == 3);
  CHECK(find(list, "b-noise-order")->verdict == Finding::Verdict::Shown);
  CHECK(find(list, "b-gamma-skew")->mean == Approx(3.4));
  CHECK(find(list, "b-gamma-skew")->verdict == Finding::Verdict::Shown);
  members[3].series["noise/kurtosis"] = {};
  members[3].series["noise/kurtosis"].push({0, 5});
  list = analysis::findings(linear_snapshot(members));
  CHECK(find(list, "b-noise-order")->mean == 2);
  CHECK(find(list, "b-noise-order")->verdict == Finding::Verdict::NotShown);
}

TEST_CASE("the scatter of gradient and smoothness leaves out what has no logarithm") {
  auto member = linear_member("adamw", 0, 0.1);
  for (std::int64_t step = 5; step <= 1500; step += 5) {
    member.series["curvature/gradient-norm"].push({step, double(step)});
    member.series["curvature/smoothness"].push({step, step % 50 == 0 ? -1.0 : double(step) * double(step)});
  }
  const auto list = analysis::findings(linear_snapshot({member, linear_member("sgd", 0, 0.1)}));
  CHECK(find(list, "e-gradient-smoothness")->mean == Approx(1));
}

TEST_CASE("LASER's losses are compared at each form's best learning rate") {
  std::vector<training::MemberView> members;
  const auto add = [&](const std::string& laser, double rate, std::int64_t seed, double loss) {
    training::MemberView member;
    member.seed = seed;
    member.step = 1000;
    member.settings.model.kind = "decoder";
    member.settings.model.depth = 1;
    member.settings.task.kind = "text";
    member.settings.attention.laser = laser;
    member.settings.optimizer.learning_rate = rate;
    member.tokens.columns = 64;
    member.series["loss/validation"].push({1000, loss});
    member.series["gradient/W_Q/layer1"].push({500, laser == "off" ? 2 : 3});
    members.push_back(member);
  };
  for (std::int64_t seed : {0, 1}) {
    add("off", 1e-3, seed, 2.0 + 0.01 * double(seed));
    add("off", 1e-2, seed, 2.5);
    add("max-shift", 1e-3, seed, 1.99);
    add("max-shift", 1e-2, seed, 1.98);
  }
  auto study = std::make_shared<study::Study>();
  study->settings = members.front().settings;
  training::Snapshot snapshot;
  snapshot.study = study;
  snapshot.planned_steps = 1000;
  snapshot.members = members;
  const auto list = analysis::findings(snapshot);
  const auto* loss = find(list, "f-loss-max-shift");
  REQUIRE(loss);
  CHECK(loss->verdict == Finding::Verdict::Reported);
  CHECK(loss->values[0] == Approx(0.02));
  CHECK(loss->values[1] == Approx(0.03));
  CHECK(find(list, "e-gradient-W_Q")->mean == Approx(1.5));
  // laser.md B2: 28 times with s = -8, dv = 5; 0.20 with s = +8; 1.05 with dv = 0.1.
  CHECK(find(list, "a-two-tokens")->mean == Approx(28).epsilon(0.02));
  CHECK(find(list, "a-asymmetry")->mean == Approx(0.2).epsilon(0.02));
  CHECK(find(list, "b-small-spread")->mean == Approx(1.05).epsilon(0.01));
}
