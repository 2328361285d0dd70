#include <algorithm>
#include <cmath>

#include "engine/analysis/findings.h"
#include "tests/catch.h"

using namespace plateau;
using analysis::Finding;

namespace {

constexpr std::int64_t last = 4000;

/// Memorises at step 200; generalises at `time`, or not at all where that is beyond the run.
training::MemberView member(const std::string& norms, std::int64_t seed, std::int64_t time) {
  training::MemberView member;
  member.seed = seed;
  member.step = last;
  member.settings.task.kind = "modular-arithmetic";
  member.settings.model.kind = "arithmetic-transformer";
  member.settings.model.norms = norms;
  for (std::int64_t step = 0; step <= last; step += 50) {
    const bool memorised = step >= 200, generalised = step >= time;
    member.series["accuracy/train"].push({step, memorised ? 1 : 0.5});
    member.series["accuracy/validation"].push({step, generalised ? 0.995 : 0.2});
    member.series["loss/validation"].push({step, generalised ? 0.02 : 5});
    member.series["features/effective-rank"].push({step, generalised ? 10.0 : 20.0});
    member.series["features/fourier-top5"].push({step, step >= time - 100 ? 0.9 : 0.2});
    const double hump = 3 + 3 * std::sin(std::min(1.0, double(step) / double(time)) * 3.14159);
    member.series["loss/shortcut"].push({step, hump});
    const double entropy = norms == "mlp" ? 1.1 : norms == "qk" ? 0.1 : 0.5;
    member.series["features/entropy-per-head"].push({step, entropy});
    member.series["features/entropy"].push({step, norms == "qk" ? 1.2 : entropy});
  }
  return member;
}

training::Snapshot snapshot_of(std::vector<training::MemberView> members) {
  auto study = std::make_shared<study::Study>();
  study->settings = members.front().settings;
  study->settings.model = {};
  study->settings.model.kind = "arithmetic-transformer";
  study->settings.optimizer = {};
  training::Snapshot snapshot;
  snapshot.study = std::move(study);
  snapshot.planned_steps = last;
  snapshot.members = std::move(members);
  return snapshot;
}

const Finding& get(const std::vector<Finding>& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& f) { return f.name == name; });
  INFO(name);
  REQUIRE(found != list.end());
  return *found;
}

bool has(const std::vector<Finding>& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& f) { return f.name == name; });
}

std::vector<training::MemberView> placements() {
  std::vector<training::MemberView> members;
  for (std::int64_t seed : {0, 1, 2}) {
    members.push_back(member("mlp", seed, 1000 + 100 * seed));
    members.push_back(member("qkv+mlp", seed, 2000));
    members.push_back(member("qkv", seed, 3000));
    members.push_back(member("none", seed, seed == 2 ? 1000 : 3000)); // one lucky seed does not decide
    members.push_back(member("qk", seed, 9999));
  }
  return members;
}

} // namespace

TEST_CASE("placements are ordered by the medians of their times") {
  const auto list = analysis::findings(snapshot_of(placements()));
  CHECK(get(list, "1-memorised").mean == 200);
  CHECK(get(list, "1-memorised").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "1-delay-mlp").mean == Approx(5.5));
  CHECK(get(list, "1-delay-mlp").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "2-time-mlp").values == std::vector<double>{1000, 1100, 1200});
  CHECK(get(list, "2-order-mlp-qkv+mlp").verdict == Finding::Verdict::Shown);
  const auto& luck = get(list, "2-order-qkv+mlp-none");
  CHECK(luck.values.back() == 2); // in this seed the other way round
  CHECK(luck.verdict == Finding::Verdict::Shown);
  CHECK_FALSE(has(list, "2-order-v-qkv+mlp")); // there is no member with a norm on values alone
}

TEST_CASE("what never generalises counts with the run's length, and that is said") {
  auto list = analysis::findings(snapshot_of(placements()));
  const auto& never = get(list, "2-never-qk");
  CHECK(never.mean == Approx((4000.0 / 3000 * 2 + 4000.0 / 1000) / 3));
  CHECK(never.verdict == Finding::Verdict::Open); // medians: above 4000 / 3000, perhaps above 1.5
  CHECK(never.note.find("3 members do not get there") != std::string::npos);
  CHECK(get(list, "2-time-qk").values.empty());
  CHECK(get(list, "2-time-qk").note == "0 of 3 did within the run.");

  auto members = placements();
  for (auto& one : members)
    if (one.settings.model.norms == "none") one = member("none", one.seed, 2000);
  list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "2-never-qk").verdict == Finding::Verdict::Shown); // above 4000 / 2000
  for (auto& one : members)
    if (one.settings.model.norms == "none") one = member("none", one.seed, 9999);
  list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "2-never-qk").verdict == Finding::Verdict::Open);            // nothing is known of either
  CHECK(get(list, "2-order-qkv+mlp-none").verdict == Finding::Verdict::Shown); // below 2000 / 4000

  members = placements();
  for (auto& one : members) one.step = 3500; // still under way
  list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "2-never-qk").verdict == Finding::Verdict::Open);
  CHECK(get(list, "2-time-qk").verdict == Finding::Verdict::Open);
  for (auto& one : members)
    if (one.settings.model.norms == "mlp") one.training = false; // halted by the script: it was done
  list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "2-time-mlp").verdict == Finding::Verdict::Reported);
}

TEST_CASE("numbers of findings have three digits, steps are whole") {
  CHECK(analysis::number_text(3150) == "3150");
  CHECK(analysis::number_text(-12345.6) == "-12346");
  CHECK(analysis::number_text(0.012345) == "0.0123");
  CHECK(analysis::number_text(2.5e7) == "2.5e+07");
  CHECK(analysis::number_text(std::nan("")) == "–");
}

TEST_CASE("entropy, shortcut and compressibility are read at the right time") {
  const auto list = analysis::findings(snapshot_of(placements()));
  CHECK(get(list, "3-entropy-mlp").mean == Approx(1.1));
  CHECK(get(list, "3-highest-mlp").mean == Approx(0.6));
  CHECK(get(list, "3-lowest-qk").mean == Approx(0.4));
  CHECK(get(list, "3-lowest-qk-heads-averaged").verdict == Finding::Verdict::NotShown);
  CHECK(get(list, "4-shortcut-rises").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "4-shortcut-falls").mean == Approx(0.5).epsilon(0.01));
  CHECK(get(list, "7-effective-rank-mlp").mean == Approx(0.5));
  CHECK(get(list, "7-frequencies-mlp").mean == Approx((0.9 + 1000.0 / 1100 + 1100.0 / 1200) / 3));
  CHECK(get(list, "7-frequencies-mlp").verdict == Finding::Verdict::Shown);
}

TEST_CASE("the shortcut is let go of, also by members that were halted soon after") {
  auto members = placements();
  for (auto& one : members)
    if (one.settings.model.norms == "none") {
      one.training = false;
      one.step = last - 100; // its curves go on to here at the most
    }
  auto snapshot = snapshot_of(members);
  CHECK(get(analysis::findings(snapshot), "4-shortcut-falls").verdict == Finding::Verdict::Shown);
}

TEST_CASE("without one that generalises there is no slope of the readout scale") {
  std::vector<training::MemberView> members;
  for (const double scale : {0.5, 1.0, 2.0}) {
    members.push_back(member("none", 0, 9999));
    members.back().settings.model.readout_scale = scale;
  }
  const auto list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "5-readout-fixed").values.empty());
  CHECK(get(list, "5-readout-fixed").verdict == Finding::Verdict::Open);
}

TEST_CASE("the readout scale's slope turns round with the protocol") {
  std::vector<training::MemberView> members;
  const auto add = [&](double scale, const std::string& rate, std::int64_t time) {
    members.push_back(member("none", 0, time));
    members.back().settings.model.readout_scale = scale;
    members.back().settings.optimizer.readout_rate = rate;
  };
  add(1, "fixed", 2000);
  add(0.5, "inverse-square", 500);
  add(2, "inverse-square", 9999); // does not within 4000
  add(0.5, "fixed", 2500);
  add(2, "fixed", 1600);
  auto snapshot = snapshot_of(members);
  const auto list = analysis::findings(snapshot);
  CHECK(get(list, "5-readout-inverse-square").mean == Approx(std::log(4000.0 / 500) / std::log(4.0)));
  CHECK(get(list, "5-readout-inverse-square").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "5-readout-fixed").mean == Approx(std::log(1600.0 / 2500) / std::log(4.0)));
  CHECK(get(list, "5-readout-fixed").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "8-readout").mean == Approx(0.25));
  CHECK_FALSE(has(list, "8-perpendicular"));
}

TEST_CASE("what removes the delay tells when its weight decay is another one") {
  std::vector<training::MemberView> members{member("none", 0, 2000), member("none", 0, 500),
                                            member("none", 0, 800)};
  members[1].settings.optimizer.modifier = "perpendicular";
  members[1].settings.optimizer.weight_decay = 0.01;
  members[2].settings.optimizer.modifier = "grokfast";
  const auto list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "8-perpendicular").mean == Approx(0.25));
  CHECK(get(list, "8-perpendicular").measure ==
        "steps to 99 % test accuracy / those of the plain run (weight decay 0.01, of the plain run 0.05)");
  CHECK(get(list, "8-grokfast").measure == "steps to 99 % test accuracy / those of the plain run");
}

TEST_CASE("weight decay and learning rate are compared with all else alike") {
  std::vector<training::MemberView> members;
  const auto add = [&](double rate, double decay, std::int64_t time) {
    members.push_back(member("none", 0, time));
    members.back().settings.optimizer.learning_rate = rate;
    members.back().settings.optimizer.weight_decay = decay;
  };
  const study::OptimizerSettings own;
  add(own.learning_rate, own.weight_decay, 2000);
  add(own.learning_rate, 2 * own.weight_decay, 1500);
  add(own.learning_rate, own.weight_decay / 2, 3000);
  add(4 * own.learning_rate, own.weight_decay / 4, 1000);
  add(4 * own.learning_rate, own.weight_decay, 100); // neither rate nor product like the others'
  const auto list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "6-decay-0.05-0.1").mean == Approx(0.75));
  CHECK(get(list, "6-decay-0.025-0.05").mean == Approx(2.0 / 3));
  CHECK(get(list, "6-rate").mean == Approx(0.5));
}

TEST_CASE("at the paper's size times are those of the loss, against the published seeds") {
  auto members = std::vector{member("mlp", 0, 1000), member("mlp", 1, 1500)};
  for (auto& one : members) {
    one.settings.task.modulus = 113;
    one.settings.model.width = 128;
    one.settings.model.depth = 1;
    one.series["loss/validation"] = {};
    for (std::int64_t step = 0; step <= last; step += 50)
      one.series["loss/validation"].push({step, step >= 1200 + 400 * one.seed ? 0.005 : 5});
  }
  auto snapshot = snapshot_of(members);
  auto study = std::make_shared<study::Study>(*snapshot.study);
  study->settings.model.width = 128;
  study->settings.model.depth = 1;
  snapshot.study = study;
  const auto list = analysis::findings(snapshot);
  const auto& time = get(list, "2-time-mlp");
  CHECK(time.values == std::vector<double>{1200, 1600});
  CHECK(time.verdict == Finding::Verdict::Shown); // 809 to 2055
  CHECK(time.note == "The mean curve reaches 0.01 at step 1600.");

  // One that was halted when it had generalised counts on with its last loss.
  auto& halted = snapshot.members.front();
  halted.training = false;
  halted.step = 1300;
  halted.series["loss/validation"] = {};
  for (std::int64_t step = 0; step <= halted.step; step += 50)
    halted.series["loss/validation"].push({step, step >= 1200 ? 0.002 : 5});
  const auto later = analysis::findings(snapshot);
  CHECK(get(later, "2-time-mlp").note == "The mean curve reaches 0.01 at step 1600.");
}
