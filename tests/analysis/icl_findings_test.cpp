#include <algorithm>
#include <cmath>

#include "engine/analysis/findings.h"
#include "tests/catch.h"

using namespace plateau;
using analysis::Finding;

namespace {

constexpr std::int64_t last = 4000;

/// On the plateau until `time`; its weights component improves `ahead` steps before that.
training::MemberView member(std::int64_t seed, std::int64_t time, std::int64_t ahead = 0) {
  training::MemberView member;
  member.seed = seed;
  member.step = last;
  auto& s = member.settings;
  s.task.kind = "factor-labels";
  s.task.levels = 4;
  s.task.pairs = 3;
  s.model.kind = "decoder";
  s.model.depth = 1;
  s.model.heads = 2;
  for (std::int64_t step = 0; step <= last; step += 100) {
    const bool broken = step >= time;
    member.series["loss/validation"].push({step, broken ? 0.8 : std::log(4.0) * 1.01});
    member.series["accuracy/late"].push({step, broken ? 0.8 : 0.26});
    for (int i = 1; i <= 3; ++i)
      member.series["context/accuracy/position" + std::to_string(i)].push({step, broken ? 0.25 * i : 0.25});
    member.series["component/weights-score/layer1"].push({step, step >= time - ahead ? 0.95 : 0.85});
    member.series["saturation/entropy/layer1/head1"].push({step, broken ? 0.5 : 0.9});
    member.series["saturation/entropy/layer1/head2"].push({step, broken ? 0.7 : 0.9});
    member.series["head/induction/layer1/head1"].push({step, 1});
    member.series["head/induction/layer1/head2"].push({step, broken ? 2.0 : 1.0});
  }
  return member;
}

training::Snapshot snapshot_of(std::vector<training::MemberView> members) {
  auto study = std::make_shared<study::Study>();
  study->settings = members.front().settings;
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

} // namespace

TEST_CASE("the plateau's length, level and end") {
  auto noisy = member(1, 2000);
  auto& late = noisy.series["accuracy/late"];
  training::Series again;
  for (std::size_t i = 0; i < late.size(); ++i)
    again.push({late[i].step, late[i].step == 500 || late[i].step == 600 ? 0.5 : late[i].value});
  late = again; // two in a row are chance, three are a break
  const auto list = analysis::findings(snapshot_of({member(0, 1600), noisy}));
  CHECK(get(list, "1-length").values == std::vector<double>{1600, 2000});
  CHECK(get(list, "1-length").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "1-level").mean == Approx(1.01));
  CHECK(get(list, "1-positions").mean == Approx(0.25));
  CHECK(get(list, "1-first-position").mean == Approx(0).margin(1e-9));
  CHECK(get(list, "2-flat").mean == Approx(0).margin(1e-9));
  CHECK(get(list, "2-rises").mean == Approx(0.1));
  CHECK(get(list, "6-entropy").mean == Approx(0.6 / 0.9));
  CHECK(get(list, "6-induction").mean == Approx(1));
}

TEST_CASE("strategies are compared with the plain run of the same seed") {
  std::vector<training::MemberView> members;
  const auto add = [&](std::int64_t seed, std::int64_t time, std::int64_t ahead = 0) -> auto& {
    members.push_back(member(seed, time, ahead));
    return members.back().settings.strategy;
  };
  for (std::int64_t seed : {0, 1}) {
    add(seed, 2000);
    add(seed, 1000, 300).extra_loss = 0.1;
    auto& rule = add(seed, 1800);
    rule.extra_loss = 0.1;
    rule.extra_target = "rule";
    add(seed, 1500).fixed_share = 0.5;
    add(seed, 9999).fixed_first = 600; // never
    add(seed, 9999).fixed_share = 1;
    for (std::int64_t step = 0; step <= last; step += 100)
      members.back().series["accuracy/fixed-mapping"].push({step, step >= 500 ? 0.9 : 0.25});
  }
  auto list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "3-extra").mean == Approx(0.5));
  CHECK(get(list, "3-extra").verdict == Finding::Verdict::Shown);
  CHECK(get(list, "3-mixed").mean == Approx(0.75));
  CHECK(get(list, "3-rule").mean == Approx(0.9));
  CHECK(get(list, "3-rule").verdict == Finding::Verdict::Reported);
  CHECK(get(list, "4-fixed").mean == Approx(0.25));
  CHECK(get(list, "5-warm-up").note.find("2 members do not get there") != std::string::npos);
  CHECK(get(list, "2-extra-first").mean == Approx(0.1));
  for (auto& one : members) one.step = 900; // under way
  for (auto& one : members)
    for (auto& [metric, series] : one.series) series = series.fork(10);
  list = analysis::findings(snapshot_of(members));
  CHECK(get(list, "3-extra").verdict == Finding::Verdict::Open);
  CHECK(get(list, "1-length").verdict == Finding::Verdict::Open);
}

TEST_CASE("what comes after the break is open where no plateau breaks") {
  auto list = analysis::findings(snapshot_of({member(0, 9999), member(1, 9999)}));
  for (const char* name : {"1-positions", "1-first-position", "2-rises", "6-entropy", "6-induction"}) {
    INFO(name);
    CHECK(get(list, name).verdict == Finding::Verdict::Open);
    CHECK(get(list, name).values.empty());
  }
  CHECK(get(list, "1-length").verdict == Finding::Verdict::Shown);
  list = analysis::findings(snapshot_of({member(0, 9999), member(1, 2000)}));
  CHECK(get(list, "2-rises").verdict == Finding::Verdict::Shown); // of the one that broke
  CHECK(get(list, "2-rises").values.size() == 1);
}
