// The four promises of DESIGN 5, and that replaying the recorded interventions gives the same run.
#include <unistd.h>

#include "engine/recording/reader.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;
using training::Intervene;
using Kind = study::Intervention::Kind;

namespace {

/// The promises hold for each way to compute a step, each for itself. Enough rows for two lanes.
study::Study computed(const std::string& path, const std::string& precision) {
  auto study = tiny_study();
  auto& s = study.settings;
  s.training.path = path;
  s.training.precision = precision;
  s.model.patch = 4;
  s.training.batch_size = 16;
  return study;
}

study::Study each_way() {
  const auto [path, precision] = GENERATE(table<std::string, std::string>(
      {{"fused", "float32"}, {"fused", "bfloat16"}, {"autograd", "float32"}}));
  return computed(path, precision);
}

study::Intervention change(const std::string& member, std::vector<study::Assignment> changes,
                           bool keep_twin) {
  study::Intervention what;
  what.member = member;
  what.changes = std::move(changes);
  what.keep_twin = keep_twin;
  return what;
}

} // namespace

TEST_CASE("The same study gives the same curves, whatever the number of threads") {
  const auto study = each_way();
  const auto once = run(study), again = run(study), threaded = run(study, 3);
  for (const auto& view : once->members) {
    CHECK(view.series.at("loss/train").size() == 40);
    CHECK(view.series.at("loss/validation").size() == 5);
    check_same_curves(view, member(*again, view.name));
    check_same_curves(view, member(*threaded, view.name));
  }
  auto other_seed = study;
  other_seed.members[0].seed = 4;
  CHECK(member(*run(other_seed), "ViT").series.at("loss/train").back().value !=
        member(*once, "ViT").series.at("loss/train").back().value);
}

TEST_CASE("Stopping and resuming is as never having stopped") {
  const auto study = each_way();
  const auto whole = run(study);
  // At a checkpoint, between two, and before the first evaluation.
  const std::int64_t stop = GENERATE(20, 17, 3);
  const TemporaryRecording file;
  train_to(study, file.path, stop);
  auto options = resuming(file.path, 1);
  {
    training::Trainer trainer(options);
    const auto resumed = finish(trainer);
    for (const auto& view : whole->members) check_same_curves(view, member(*resumed, view.name));
  }
  const auto read = recording::Reader(file.path).snapshot();
  for (const auto& view : whole->members) check_same_curves(view, member(*read, view.name));
}

TEST_CASE("Rewinding and playing on is as the first time") {
  const auto study = each_way();
  const TemporaryRecording file;
  training::Trainer trainer(paused(study, file.path));
  step_to(trainer, 35);
  study::Intervention rewind;
  rewind.kind = Kind::Rewind;
  rewind.from_step = 20;
  trainer.post(Intervene{rewind});
  wait_until(trainer, [](const auto& s) { return s.members.size() == 4; });
  trainer.post(training::Resume{});
  const auto snapshot = finish(trainer);
  const auto whole = run(study);
  for (const std::string name : {"ViT", "CNN"}) {
    const auto& old = member(*snapshot, name);
    const auto& again = member(*snapshot, name + " · again from 20");
    CHECK_FALSE(old.training);
    CHECK(old.step == 35);
    CHECK(again.forked_at == 20);
    CHECK(again.parent == old.id);
    check_same_curves(old, again, 0, 35);
    check_same_curves(member(*whole, name), again);
  }
  const auto read = recording::Reader(file.path).snapshot();
  REQUIRE(read->members.size() == 4);
  for (const auto& view : snapshot->members) check_same_curves(view, member(*read, view.name));
}

TEST_CASE("A twin without a difference stays identical, with one it goes on as if nothing had been done") {
  const auto study = each_way();
  const TemporaryRecording file;
  training::Trainer trainer(paused(study, file.path));
  step_to(trainer, 13);
  trainer.post(Intervene{change("ViT", {}, true)});
  wait_until(trainer, [](const auto& s) { return s.members.size() == 3; });
  step_to(trainer, 21);
  trainer.post(Intervene{change("ViT", {{"attention.variant", std::string("norm-softmax")}}, true)});
  wait_until(trainer, [](const auto& s) { return s.members.size() == 4; });
  trainer.post(training::Resume{});
  const auto snapshot = finish(trainer);
  const auto whole = run(study);
  const auto& untouched = member(*snapshot, "ViT · twin");
  const auto& control = member(*snapshot, "ViT · twin 2");
  const auto& switched = member(*snapshot, "ViT");
  CHECK(control.is_twin);
  CHECK(switched.settings.attention.variant == "norm-softmax");
  CHECK(control.settings.attention.variant == "softmax");
  check_same_curves(member(*whole, "ViT"), untouched);
  check_same_curves(member(*whole, "ViT"), control);
  // The switch acts from the next batch on.
  check_same_curves(member(*whole, "ViT"), switched, 0, 20);
  const auto& before = control.series.at("loss/train");
  const auto& after = switched.series.at("loss/train");
  CHECK(before[20].value == after[20].value); // step 21: the last one before the switch
  CHECK(before[21].value != after[21].value);
}

TEST_CASE("Replaying the recorded interventions gives the same run") {
  const TemporaryRecording file;
  training::Trainer trainer(paused(tiny_study(), file.path));
  step_to(trainer, 12);
  trainer.post(Intervene{change("ViT", {{"attention.temperature", 0.25}}, true)});
  step_to(trainer, 25);
  study::Intervention rewind;
  rewind.kind = Kind::Rewind;
  rewind.from_step = 20;
  trainer.post(Intervene{rewind});
  wait_until(trainer, [](const auto& s) { return s.members.size() == 6; });
  trainer.post(training::StepOnce{2});
  wait_until(trainer, [](const auto& s) { return s.members.back().step == 22; });
  trainer.post(Intervene{change("CNN · again from 20", {{"optimizer.learning_rate", 1e-2}}, false)});
  wait_until(trainer, [](const auto& s) { return s.interventions.size() == 3; });
  trainer.post(training::Resume{});
  const auto live = finish(trainer);

  auto script = recording::Reader(file.path).study();
  CHECK(script.interventions.empty());
  script.interventions = recording::Reader(file.path).snapshot()->interventions;
  REQUIRE(script.interventions.size() == 3);
  // Through text, as a person would keep it.
  const TemporaryRecording second;
  const auto replayed = run(study::parse_study(study::to_toml(script), "replay.toml"), 1, second.path);
  REQUIRE(replayed->members.size() == live->members.size());
  for (const auto& view : live->members) {
    INFO(view.name);
    CHECK(member(*replayed, view.name).step == view.step);
    check_same_curves(view, member(*replayed, view.name));
  }
}

TEST_CASE("A run that died goes on from its last checkpoint and meets its interventions again") {
  const TemporaryRecording file, copy;
  training::Trainer trainer(paused(tiny_study(), file.path));
  step_to(trainer, 23);
  trainer.post(Intervene{change("ViT", {{"attention.variant", std::string("norm-softmax")}}, true)});
  wait_until(trainer, [](const auto& s) { return s.members.size() == 3; });
  step_to(trainer, 26);
  // What a killed process leaves: the file and its write-ahead log, as they lie on the disk.
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  for (const char* suffix : {"", "-wal"})
    if (std::filesystem::exists(file.path.string() + suffix))
      std::filesystem::copy_file(file.path.string() + suffix, copy.path.string() + suffix);
  trainer.post(training::Resume{});
  const auto whole = finish(trainer);

  training::Trainer resumed(resuming(copy.path));
  const auto snapshot = finish(resumed);
  REQUIRE(snapshot->members.size() == 3);
  for (const auto& view : whole->members) check_same_curves(view, member(*snapshot, view.name));
  CHECK(snapshot->interventions.size() == 1);
}

TEST_CASE("a member that ends by itself keeps its last state and is not trained again") {
  auto study = tiny_study();
  study.members = {{"plain", 3, {}},
                   {"wild", 3, {{"optimizer.learning_rate", 100.0}, {"optimizer.weight_decay", 10.0}}}};
  study.settings.optimizer.warmup_steps = 0;
  const TemporaryRecording file;
  const auto first = run(study, 1, file.path);
  const auto& wild = member(*first, "wild");
  REQUIRE_FALSE(wild.training);
  REQUIRE(wild.step < 40);
  {
    const recording::Reader reader(file.path);
    const auto kept = reader.checkpoint(wild.id, wild.step);
    REQUIRE(kept);
    CHECK_FALSE(kept->training);
    CHECK(kept->keep == recording::Keep::Pinned);
    CHECK(reader.checkpoint_steps().back() == 40); // it does not keep the others from going back there
  }
  auto options = resuming(file.path);
  options.steps = 50;
  training::Trainer trainer(std::move(options));
  const auto further = finish(trainer);
  CHECK(member(*further, "plain").step == 50);
  CHECK(member(*further, "wild").step == wild.step);
  for (const auto& [metric, series] : wild.series) { // values are no numbers, so that none equals another
    INFO(metric);
    CHECK(member(*further, "wild").series.at(metric).size() == series.size());
  }
}
