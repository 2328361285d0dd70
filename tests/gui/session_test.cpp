// The session: what panels ask for becomes commands and playhead moves.
#include "app/window/session.h"

#include "engine/errors.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;
using namespace plateau::window;
using study::Intervention;

namespace {

struct Fixture {
  Fixture(bool live, std::int64_t steps = test::synthetic_steps) {
    auto source = std::make_unique<test::SyntheticRun>(live, steps);
    run = source.get();
    study::Study study = *run->latest()->study;
    session.show(std::move(source), std::move(study));
    session.update(0);
  }

  View view() { return session.view({widgets, plots, readings, "", actions}); }
  const Intervention& last_intervention() const {
    return std::get<training::Intervene>(run->posted.back()).what;
  }

  test::Scratch scratch;
  Session session{{.device = "cpu", .threads = 1, .recordings = scratch / "recordings", .wake = [] {}}};
  test::SyntheticRun* run = nullptr;
  widgets::Context widgets;
  SharedPlots plots;
  std::map<std::string, std::string> readings;
  Actions actions;
};

} // namespace

TEST_CASE("the playhead stays where it is put while training goes on, until it is live again") {
  Fixture f(true, 2000);
  CHECK(f.view().following);
  CHECK(f.view().step == 2000);
  f.session.perform(Scrub{730});
  f.session.update(1);
  CHECK(f.view().step == 730);
  CHECK_FALSE(f.view().following);
  CHECK(f.view().member->frame->step == 700);

  f.run->publish(test::synthetic_snapshot(2400));
  f.session.update(2);
  CHECK(f.view().step == 730);
  CHECK(f.view().last_step == 2400);
  f.session.perform(GoLive{});
  f.session.update(3);
  CHECK(f.view().step == 2400);
  CHECK(f.view().member->frame->step == 2400);
}

TEST_CASE("scrubbing by samples goes from recorded step to recorded step, and stops at the ends") {
  Fixture f(true, 2000);
  f.session.perform(ScrubBy{-1});
  CHECK(f.session.step() == 1990);
  f.session.perform(ScrubBy{-10});
  CHECK(f.session.step() == 1890);
  f.session.perform(ScrubBy{-10000});
  CHECK(f.session.step() == 0);
  f.session.perform(ScrubBy{1});
  CHECK(f.session.step() == 10);
  f.session.perform(ScrubToEnd{});
  CHECK(f.session.step() == 2000);
  f.session.perform(Scrub{99999});
  CHECK(f.session.step() == 2000);
}

TEST_CASE("play and pause are commands of a live run") {
  Fixture f(true, 2000);
  f.session.perform(TogglePlay{});
  REQUIRE(f.run->posted.size() == 1);
  CHECK(std::holds_alternative<training::Pause>(f.run->posted[0]));
  auto paused = test::synthetic_snapshot(2000);
  paused->state = training::State::Paused;
  f.run->publish(paused);
  f.session.update(1);
  f.session.perform(TogglePlay{});
  CHECK(std::holds_alternative<training::Resume>(f.run->posted.back()));
  f.session.perform(StepOnce{});
  CHECK(std::holds_alternative<training::StepOnce>(f.run->posted.back()));
}

TEST_CASE("a replay plays by itself, from the start when it stands at the end, and stops there") {
  Fixture f(false);
  f.session.perform(TogglePlay{});
  CHECK(f.session.animating());
  f.session.update(10);
  CHECK(f.session.step() < 100);
  for (int i = 1; i <= 100; ++i) f.session.update(10 + 0.1 * i); // a third of half a minute
  CHECK(f.session.step() == Approx(test::synthetic_steps / 3).margin(120));
  const auto stops = f.view().stops;
  CHECK(std::find(stops.begin(), stops.end(), f.session.step()) != stops.end());
  f.session.perform(ReplaySpeed{8});
  for (int i = 1; i <= 100; ++i) f.session.update(20 + 0.1 * i);
  CHECK_FALSE(f.session.animating());
  CHECK(f.session.step() == test::synthetic_steps);
  CHECK(f.run->posted.empty());
}

TEST_CASE("a replay at twice the speed goes twice as far in the same time") {
  const auto reached = [](double factor) {
    Fixture f(false);
    f.session.perform(ReplaySpeed{factor});
    f.session.perform(TogglePlay{});
    for (int i = 0; i <= 50; ++i) f.session.update(10 + 0.1 * i);
    return f.session.step();
  };
  const auto once = reached(1);
  CHECK(once > 400);
  CHECK(reached(2) == Approx(2 * once).margin(40));
  CHECK(reached(0.25) == Approx(once / 4).margin(40));
}

TEST_CASE("a run that is over is played back, too, and what trains is paused instead") {
  Fixture f(true, 2000);
  auto over = test::synthetic_snapshot(2000);
  over->state = training::State::Finished;
  f.run->publish(over);
  f.session.update(1);
  f.session.perform(TogglePlay{});
  CHECK(f.session.animating());
  CHECK(f.view().playing);
  f.session.update(1.5);
  f.session.update(2);
  CHECK(f.session.step() < 200);
  f.session.perform(TogglePlay{});
  CHECK_FALSE(f.session.animating());
  CHECK(f.run->posted.empty());
}

TEST_CASE("a recording cannot be changed, and says so") {
  Fixture f(false);
  f.session.perform(Post{training::Pause{}});
  CHECK(f.run->posted.empty());
  CHECK_THAT(f.view().message, ContainsSubstring("Continue training"));
  f.session.perform(DismissNotice{});
  CHECK(f.view().message.empty());
  f.session.perform(BranchHere{});
  CHECK_FALSE(f.view().message.empty());
}

TEST_CASE("branch and rewind go to the last checkpoint before the playhead, and the fork is selected") {
  Fixture f(true, 2000);
  f.session.perform(Scrub{1730});
  f.session.perform(BranchHere{});
  CHECK(f.last_intervention().kind == Intervention::Kind::Branch);
  CHECK(f.last_intervention().from_step == 1500);
  CHECK(f.last_intervention().member == "ViT");
  CHECK(f.session.step() == 2000); // live again: there is something new to see

  auto forked = test::synthetic_snapshot(2100);
  training::MemberView fork = forked->members[0];
  fork.id = 3;
  fork.name = "fork";
  fork.parent = 0;
  fork.forked_at = 1500;
  forked->members.push_back(fork);
  f.run->publish(forked);
  f.session.update(1);
  CHECK(f.view().member->name == "fork");

  f.session.perform(Scrub{640});
  f.session.perform(RewindHere{});
  CHECK(f.last_intervention().kind == Intervention::Kind::Rewind);
  CHECK(f.last_intervention().from_step == 500);
  CHECK(f.last_intervention().member.empty());
}

TEST_CASE("members that the study does not show start hidden, and a fork of one is shown where asked for") {
  Fixture f(true, 2000);
  f.run->publish(test::synthetic_linear_snapshot(1000));
  f.session.show(std::make_unique<test::SyntheticRun>(true, test::synthetic_linear_snapshot(1000),
                                                      test::synthetic_linear_frame),
                 {});
  f.session.update(1);
  CHECK(f.view().visible_members() == std::vector<int>{0, 1});
  CHECK(f.view().frame_of(2)->tensors.contains("linear/matrices")); // hidden, but there

  auto run = std::make_unique<test::SyntheticRun>(true, test::synthetic_linear_snapshot(1000),
                                                  test::synthetic_linear_frame);
  f.run = run.get();
  f.session.show(std::move(run), {});
  f.session.perform(SelectMember{2});
  f.session.perform(Scrub{700});
  f.session.perform(BranchHere{});
  auto forked = test::synthetic_linear_snapshot(1010);
  for (const int parent : {2, 3}) {
    training::MemberView fork = forked->members[static_cast<std::size_t>(parent)];
    fork.id = parent + 2;
    fork.name += " fork";
    fork.parent = parent;
    fork.forked_at = 500;
    forked->members.push_back(fork);
  }
  f.run->publish(forked);
  f.session.update(2);
  CHECK(f.view().member->id == 4);
  CHECK(f.view().visible_members() == std::vector<int>{0, 1, 4});

  // A study that shows only its last member begins with it.
  auto last = test::synthetic_linear_snapshot(100);
  auto study = std::make_shared<study::Study>(*last->study);
  for (std::size_t i = 0; i < 4; ++i) study->members[i].shown = i == 3;
  last->study = study;
  f.session.show(std::make_unique<test::SyntheticRun>(true, last, test::synthetic_linear_frame), {});
  f.session.update(3);
  CHECK(f.view().member->id == 3);
}

TEST_CASE("what cannot be opened leaves the run as it was, with a line that says why") {
  Fixture f(true, 2000);
  f.session.perform(OpenFile{f.scratch / "none.plateau"});
  CHECK(f.session.snapshot().step == 2000);
  CHECK_THAT(f.view().message, ContainsSubstring("none.plateau"));
  f.session.perform(OpenStudy{"eurekka"});
  CHECK_THAT(f.view().message, ContainsSubstring("eureka"));
  CHECK(f.session.is_live());
}

TEST_CASE("new seeds are seeds that no member has had") {
  study::Study study;
  study.members = {{"a", 3, {}}, {"b", 4, {}}, {"c", 7, {}}};
  const auto next = with_new_seeds(study);
  for (const auto& a : study.members)
    for (const auto& b : next.members) CHECK(a.seed != b.seed);
  CHECK(next.members[2].seed - next.members[0].seed == 4);
}

TEST_CASE("a recording is replayed with the arrays of the step that is shown") {
  const test::Scratch scratch;
  test::write_synthetic_recording(scratch / "run.plateau");
  Session session({.device = "cpu", .threads = 1, .recordings = scratch / "recordings", .wake = [] {}});
  session.replay(scratch / "run.plateau");
  double now = 0;
  const auto until = [&](auto condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      session.update(now += 0.005);
    }
    REQUIRE(condition());
  };
  until([&] { return session.snapshot().state == training::State::Finished; });
  CHECK_FALSE(session.is_live());
  CHECK(session.snapshot().members.size() == 3);

  widgets::Context widgets;
  SharedPlots plots;
  std::map<std::string, std::string> readings;
  Actions actions;
  const auto shown = [&] { return session.view({widgets, plots, readings, "", actions}).member->frame; };
  for (const std::int64_t step : {900, 2600, 120}) {
    session.perform(Scrub{step});
    until([&] { return shown() && shown()->step == step / 50 * 50; });
    const auto wanted = test::synthetic_frame(0, step);
    CHECK(shown()->tensors.at("attention/mean")->data == wanted->tensors.at("attention/mean")->data);
  }
  // The twin has its parent's arrays before it was forked.
  session.perform(SelectMember{1});
  session.perform(Scrub{1000});
  until([&] { return shown() && shown()->step == 1000; });
}
