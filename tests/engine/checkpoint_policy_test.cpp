// Which checkpoints are kept, why, and what they take on disk.
#include <set>

#include "engine/recording/reader.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;
using recording::Keep;
using training::Event;
using training::Intervene;
using Kind = study::Intervention::Kind;
using Steps = std::vector<std::int64_t>;

namespace {

constexpr std::int64_t blown_up = 43;

/// Does not learn, so that a plateau begins; one member is blown up later, so that there is another event.
study::Study eventful_study() {
  auto study = tiny_study(60);
  auto& s = study.settings;
  s.optimizer.learning_rate = 0;
  s.training.batch_size = 32;
  s.training.evaluate_every = 2;
  s.training.checkpoint_every = 25;
  study::Intervention blow;
  blow.step = blown_up;
  blow.member = "ViT";
  blow.changes = {{"optimizer.learning_rate", 100.0}};
  study.interventions = {blow};
  return study;
}

Steps steps_kept(const std::filesystem::path& file, Keep keep) {
  std::set<std::int64_t> steps;
  for (const auto& checkpoint : recording::Reader(file).checkpoints())
    if (checkpoint.keep == keep) steps.insert(checkpoint.step);
  return {steps.begin(), steps.end()};
}

/// Bit for bit, where values are numbers.
void check_same_run(const training::Snapshot& a, const training::Snapshot& b) {
  check_same_curves(member(a, "CNN"), member(b, "CNN"));
  check_same_curves(member(a, "ViT"), member(b, "ViT"), 0, blown_up);
}

bool contains(const Steps& steps, std::int64_t step) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

} // namespace

TEST_CASE("Checkpoints are taken where events are found, and change no curve") {
  auto study = eventful_study();
  const TemporaryRecording with, without;
  const auto first = run(study, 1, with.path);
  study.settings.training.checkpoint_at_events = false;
  const auto second = run(study, 1, without.path);
  check_same_run(*first, *second);

  const auto begins = [](const Event& event) { return event.kind == Event::Kind::PlateauBegin; };
  REQUIRE(std::any_of(first->events.begin(), first->events.end(), begins));
  const auto at_events = steps_kept(with.path, Keep::AtEvent);
  REQUIRE_FALSE(at_events.empty());
  CHECK(at_events.front() % 2 == 0); // at an evaluation
  CHECK(at_events.front() < blown_up);
  for (const std::int64_t step : at_events) CHECK(contains(first->checkpoints, step));
  CHECK(steps_kept(without.path, Keep::AtEvent).empty());
  CHECK(contains(steps_kept(without.path, Keep::Loose), 25));
}

TEST_CASE("Going back to a checkpoint at an event is as the first time, by rewinding and by resuming") {
  const auto study = eventful_study();
  const TemporaryRecording file;
  const auto whole = run(study, 1, file.path);
  const auto at_events = steps_kept(file.path, Keep::AtEvent);
  REQUIRE_FALSE(at_events.empty());
  const auto event = at_events.front();

  SECTION("rewinding") {
    const TemporaryRecording again;
    training::Trainer trainer(paused(study, again.path));
    step_to(trainer, event + 3);
    study::Intervention rewind;
    rewind.kind = Kind::Rewind;
    rewind.from_step = event;
    trainer.post(Intervene{rewind});
    const auto rewound = wait_until(trainer, [](const auto& s) { return s.members.size() == 4; });
    CHECK(rewound->members.back().forked_at == event);
    trainer.post(training::Resume{});
    const auto snapshot = finish(trainer);
    check_same_curves(member(*whole, "CNN"), member(*snapshot, "CNN · again from " + std::to_string(event)));
  }
  SECTION("resuming where it is the last that was kept") {
    const TemporaryRecording again;
    train_to(study, again.path, event);
    training::Trainer trainer(resuming(again.path, 1));
    const auto resumed = finish(trainer);
    check_same_run(*whole, *resumed);
    // The same ones are kept for the same reasons.
    for (const auto keep : {Keep::Loose, Keep::AtEvent, Keep::Pinned})
      CHECK(steps_kept(again.path, keep) == steps_kept(file.path, keep));
  }
}

TEST_CASE("Each kind of checkpoint makes room for newer ones of its kind") {
  auto study = eventful_study();
  study.settings.training.checkpoint_every = 5;
  study.settings.training.keep_checkpoints = 1;
  const TemporaryRecording file;
  run(study, 1, file.path);
  study.settings.training.keep_checkpoints = 100;
  const TemporaryRecording all;
  run(study, 1, all.path);
  const auto at_events = steps_kept(all.path, Keep::AtEvent), loose = steps_kept(all.path, Keep::Loose);
  REQUIRE(loose.size() > 5);
  CHECK(steps_kept(file.path, Keep::Loose) == Steps{loose.back()});
  CHECK(steps_kept(file.path, Keep::AtEvent) == Steps{at_events.back()});
  CHECK(steps_kept(file.path, Keep::Pinned) == steps_kept(all.path, Keep::Pinned));
}

TEST_CASE("A checkpoint that an intervention depends on is never deleted") {
  auto study = tiny_study(100);
  study.settings.training.keep_checkpoints = 1;
  SECTION("a person's") {
    const TemporaryRecording file;
    training::Trainer trainer(paused(study, file.path));
    step_to(trainer, 12);
    study::Intervention branch;
    branch.kind = Kind::Branch;
    branch.member = "ViT";
    branch.from_step = 10;
    branch.changes = {{"optimizer.learning_rate", 1e-2}};
    branch.new_name = "faster";
    trainer.post(Intervene{branch});
    wait_until(trainer, [](const auto& s) { return s.members.size() == 3; });
    trainer.post(training::Resume{});
    const auto snapshot = finish(trainer);
    CHECK(member(*snapshot, "faster").settings.optimizer.learning_rate == 1e-2);
    CHECK(contains(snapshot->checkpoints, 10));
    CHECK_FALSE(contains(snapshot->checkpoints, 20));
    const recording::Reader reader(file.path);
    CHECK(reader.checkpoint(0, 10));
    CHECK_FALSE(reader.checkpoint(0, 20));
  }
  SECTION("one that a script will go back to, wherever it is") {
    study::Intervention branch;
    branch.kind = Kind::Branch;
    branch.member = "ViT";
    branch.from_step = 13;
    branch.step = 90;
    branch.new_name = "late";
    study.interventions = {branch};
    const TemporaryRecording file;
    const auto snapshot = run(study, 1, file.path);
    REQUIRE(snapshot->members.size() == 3);
    CHECK(member(*snapshot, "late").forked_at == 13);
    check_same_curves(member(*snapshot, "ViT"), member(*snapshot, "late"));
  }
}

TEST_CASE("What belongs to the whole study does not change in a branch") {
  const TemporaryRecording file;
  training::Trainer trainer(paused(tiny_study(), file.path));
  step_to(trainer, 12);
  study::Intervention branch;
  branch.kind = Kind::Branch;
  branch.member = "ViT";
  branch.from_step = 10;
  branch.changes = {{"training.steps", std::int64_t(80)}};
  trainer.post(Intervene{branch});
  const auto told = wait_until(trainer, [](const auto& s) { return !s.notice.empty(); });
  CHECK_THAT(told->notice, ContainsSubstring("training.steps is one for all members"));
  CHECK(told->members.size() == 2);
}

TEST_CASE("What checkpoints take is counted, live and from the file") {
  const TemporaryRecording file;
  const auto live = run(eventful_study(), 1, file.path);
  const recording::Reader reader(file.path);
  training::KeptStates counted;
  std::set<std::int64_t> steps;
  std::map<int, Steps> own;
  for (const auto& listed : reader.checkpoints()) {
    const auto whole = reader.checkpoint(listed.member, listed.step);
    REQUIRE(whole);
    CHECK(listed.bytes == std::int64_t(whole->state.size()));
    counted.bytes += std::int64_t(whole->state.size());
    ++counted.states;
    steps.insert(listed.step);
    own[listed.member].push_back(listed.step);
  }
  counted.steps = std::ssize(steps);
  REQUIRE(counted.bytes > 10'000);
  CHECK(live->kept == counted);
  const auto replayed = reader.snapshot();
  CHECK(replayed->kept == counted);
  for (const auto& view : live->members) {
    CHECK(view.checkpoints == own[view.id]);
    CHECK(member(*replayed, view.name).checkpoints == own[view.id]);
  }

  // Those of a run that goes on are counted, too.
  auto options = resuming(file.path);
  options.steps = 70;
  training::Trainer trainer(options);
  const auto further = finish(trainer);
  CHECK(further->kept == recording::Reader(file.path).snapshot()->kept);
  CHECK(further->kept.bytes > counted.bytes);
}
