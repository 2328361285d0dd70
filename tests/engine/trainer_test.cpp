// Commands, states and errors of the trainer.
#include <cmath>
#include <unistd.h>

#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;
using training::State;

TEST_CASE("Pause, step, resume, stop") {
  auto options = cpu_options();
  options.study = tiny_study(100000);
  options.threads = 1;
  training::Trainer trainer(options);
  wait_until(trainer, [](const auto& s) { return s.state == State::Running && s.step > 5; });
  trainer.post(training::Pause{});
  const auto paused = wait_until(trainer, [](const auto& s) { return s.state == State::Paused; });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(trainer.latest()->step == paused->step);
  trainer.post(training::StepOnce{3});
  wait_until(trainer, [&](const auto& s) { return s.step == paused->step + 3; });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(trainer.latest()->step == paused->step + 3);
  CHECK(trainer.latest()->state == State::Paused);
  trainer.post(training::Resume{});
  const auto running = wait_until(trainer, [&](const auto& s) { return s.step > paused->step + 10; });
  CHECK(running->state == State::Running);
  trainer.post(training::Stop{});
  trainer.wait();
  CHECK(trainer.latest()->state == State::Stopping);
}

TEST_CASE("A snapshot never changes after it was published") {
  auto options = cpu_options();
  options.study = tiny_study(3000);
  options.study.members.resize(1);
  options.threads = 1;
  training::Trainer trainer(options);
  const auto early = wait_until(trainer, [](const auto& s) { return s.step > 20; });
  const auto& series = early->members[0].series.at("loss/train");
  const auto size = series.size();
  const auto last = series.back().value;
  wait_until(trainer, [](const auto& s) { return s.step > 1500; }); // beyond a chunk's end
  CHECK(series.size() == size);
  CHECK(series.back().value == last);
  CHECK(std::size_t(early->members[0].step) == size);
}

TEST_CASE("What cannot be done is told and changes nothing") {
  auto options = cpu_options();
  options.study = tiny_study();
  options.start_paused = true;
  training::Trainer trainer(options);
  wait_until(trainer, [](const auto& s) { return s.state == State::Paused; });
  const auto refused = [&](study::Intervention what, const std::string& part) {
    trainer.post(training::Intervene{what});
    const auto snapshot =
        wait_until(trainer, [&](const auto& s) { return s.notice.find(part) != std::string::npos; });
    CHECK(snapshot->interventions.empty());
    CHECK(snapshot->members.size() == 2);
  };
  study::Intervention what;
  what.member = "ViT";
  what.changes = {{"model.width", std::int64_t(32)}};
  refused(what, "model.width cannot change during a run");
  what.changes = {{"attention.temperature", -1.0}};
  refused(what, "attention.temperature");
  what.changes = {{"attention.variant", std::string("sofmax")}};
  refused(what, "softmax");
  what.changes = {};
  what.member = "ViTT";
  refused(what, "ViT");
  what.member = "ViT";
  what.kind = study::Intervention::Kind::Rewind;
  refused(what, "nothing is recorded");
}

TEST_CASE("The planned end can be moved, also after it was reached") {
  const TemporaryRecording file;
  auto options = cpu_options();
  options.study = tiny_study(20);
  options.recording = file.path;
  training::Trainer trainer(options);
  finish(trainer);
  study::Intervention extend;
  extend.changes = {{"training.steps", std::int64_t(30)}};
  trainer.post(training::Intervene{extend});
  const auto longer =
      wait_until(trainer, [](const auto& s) { return s.step == 30 && training::is_over(s.state); });
  const auto whole = run(tiny_study(30));
  for (const auto& view : whole->members) check_same_curves(view, member(*longer, view.name));
  extend.changes = {{"training.steps", std::int64_t(10)}};
  trainer.post(training::Intervene{extend});
  wait_until(trainer, [](const auto& s) { return s.notice.find("already at step 30") != std::string::npos; });
}

TEST_CASE("A member that is halted stands still until it is continued") {
  const TemporaryRecording file;
  auto options = cpu_options();
  options.study = tiny_study();
  options.recording = file.path;
  options.start_paused = true;
  training::Trainer trainer(options);
  step_to(trainer, 10);
  study::Intervention halt;
  halt.kind = study::Intervention::Kind::Halt;
  halt.member = "CNN";
  trainer.post(training::Intervene{halt});
  step_to(trainer, 15);
  CHECK(member(*trainer.latest(), "CNN").step == 10);
  halt.kind = study::Intervention::Kind::Continue;
  trainer.post(training::Intervene{halt});
  trainer.post(training::Resume{});
  const auto snapshot = finish(trainer);
  const auto whole = run(tiny_study());
  for (const auto& view : whole->members) check_same_curves(view, member(*snapshot, view.name));
}

TEST_CASE("Branching at a checkpoint makes a member that catches up") {
  const TemporaryRecording file;
  auto options = cpu_options();
  options.study = tiny_study();
  options.recording = file.path;
  options.start_paused = true;
  training::Trainer trainer(options);
  step_to(trainer, 30);
  study::Intervention branch;
  branch.kind = study::Intervention::Kind::Branch;
  branch.member = "ViT";
  branch.from_step = 10;
  branch.changes = {{"attention.variant", std::string("norm-softmax-std")}};
  trainer.post(training::Intervene{branch});
  trainer.post(training::Resume{});
  const auto snapshot = finish(trainer);
  const auto& fork = member(*snapshot, "ViT · from 10");
  CHECK(fork.step == 40);
  CHECK(fork.series.at("loss/train").size() == 40);
  check_same_curves(member(*snapshot, "ViT"), fork, 0, 10);
  CHECK(fork.settings.attention.variant == "norm-softmax-std");
}

TEST_CASE("Bad options are refused at once, a fault while preparing ends in Failed") {
  auto options = cpu_options();
  options.study = tiny_study();
  options.device = "tpu";
  CHECK_THROWS_AS(training::Trainer(options), InputError);
  options.device = "cpu";
  options.recording = std::filesystem::temp_directory_path(); // exists
  CHECK_THROWS_WITH(training::Trainer(options), ContainsSubstring("exists already"));
  options.recording.clear();
  options.study.settings.model.heads = 3; // does not divide the width
  CHECK_THROWS_AS(training::Trainer(options), InputError);
  options.study = tiny_study();
  options.recording = "/proc/no-such-folder/run.plateau";
  training::Trainer trainer(options);
  trainer.wait();
  const auto failed = trainer.latest();
  CHECK(failed->state == State::Failed);
  CHECK(failed->bad_input);
  CHECK(failed->error.find("/proc/no-such-folder") != std::string::npos);
  CHECK(failed->error.find('\n') == std::string::npos);
}

TEST_CASE("A loss that is not finite halts its member and says so") {
  auto study = tiny_study(30);
  study.members = {{"wild", 0, {{"optimizer.learning_rate", 1.0}, {"model.init_std", 1.0}}}};
  study.interventions = {{}};
  study.interventions[0].step = 5;
  study.interventions[0].changes = {{"attention.temperature", 1e-3}};
  const auto snapshot = run(study);
  // Either it survives with finite losses or it is halted with an event; never NaN without a word.
  const auto& view = snapshot->members[0];
  bool finite = true, told = false;
  const auto& losses = view.series.at("loss/train");
  for (std::size_t i = 0; i < losses.size(); ++i) finite = finite && std::isfinite(losses[i].value);
  for (const auto& event : snapshot->events) told = told || event.kind == training::Event::Kind::Divergence;
  CHECK((finite || (told && !view.training)));
}

TEST_CASE("A run that is shorter than its script can be read, and goes on to meet it") {
  const TemporaryRecording file;
  auto study = tiny_study(20);
  study.interventions = {{}};
  study.interventions[0].step = 30;
  study.interventions[0].member = "CNN";
  study.interventions[0].kind = study::Intervention::Kind::Halt;
  run(study, 1, file.path);
  CHECK(recording::Reader(file.path).study().interventions.size() == 1);
  auto options = resuming(file.path);
  options.steps = 40;
  training::Trainer trainer(options);
  const auto snapshot = finish(trainer);
  CHECK(member(*snapshot, "CNN").step == 30);
  CHECK(member(*snapshot, "ViT").step == 40);
}
