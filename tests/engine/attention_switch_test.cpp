// Switching the attention in mid-run, between variants that need parameters of their own and others.
#include <cmath>
#include <unistd.h>

#include "engine/attention/catalogue.h"
#include "engine/recording/reader.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;
using Kind = study::Intervention::Kind;

namespace {

study::Study transformer_study(std::int64_t steps) {
  auto study = tiny_study(steps);
  study.members = {{"ViT", 3, {}}};
  return study;
}

study::Intervention switch_at(std::int64_t step, const std::string& variant) {
  study::Intervention what{.kind = Kind::Set, .step = step, .member = "ViT"};
  what.changes = {{"attention.variant", variant}};
  return what;
}

const training::Event* event_at(const training::Snapshot& snapshot, std::int64_t step) {
  for (const auto& event : snapshot.events)
    if (event.step == step && event.kind == training::Event::Kind::Intervention) return &event;
  return nullptr;
}

} // namespace

TEST_CASE("A run goes through every attention variant, with LASER and without") {
  auto study = transformer_study(0);
  std::int64_t step = 0;
  for (const auto& info : attention::variants()) {
    auto what = switch_at(step += 4, info.name);
    what.changes.push_back({"attention.laser", std::string("off")});
    study.interventions.push_back(what);
    if (!info.takes_laser) continue;
    for (const char* form : {"max-shift", "softclamp", "exact"}) {
      study::Intervention laser{.kind = Kind::Set, .step = step += 2, .member = "ViT"};
      laser.changes = {{"attention.laser", std::string(form)}};
      study.interventions.push_back(laser);
    }
  }
  study.settings.training.steps = step + 4;
  const TemporaryRecording file;
  const auto snapshot = run(study, 2, file.path);
  const auto& losses = member(*snapshot, "ViT").series.at("loss/train");
  REQUIRE(std::int64_t(losses.size()) == step + 4);
  for (std::size_t i = 0; i < losses.size(); ++i) REQUIRE(std::isfinite(losses[i].value));
  CHECK(losses.back().value < 4);
  for (const auto& [metric, series] : member(*snapshot, "ViT").series)
    for (std::size_t i = 0; i < series.size(); ++i) {
      INFO(metric << " at " << series[i].step);
      CHECK((std::isfinite(series[i].value) || metric == "accuracy/intermediate"));
    }

  const recording::Reader reader(file.path);
  const auto recorded = reader.snapshot();
  REQUIRE(recorded->interventions.size() == study.interventions.size());
  for (std::size_t i = 0; i < study.interventions.size(); ++i) {
    CHECK(recorded->interventions[i].step == study.interventions[i].step);
    CHECK(recorded->interventions[i].changes == study.interventions[i].changes);
    if (i == 0) continue; // from softmax to softmax
    const auto* event = event_at(*recorded, study.interventions[i].step);
    REQUIRE(event);
    INFO(event->text);
    CHECK(event->text.find("validation loss") != std::string::npos);
  }
}

TEST_CASE("A variant's own parameters come and go with it, and the jump is said") {
  auto study = transformer_study(24);
  study.interventions = {switch_at(8, "gated-element"), switch_at(16, "softmax")};
  auto options = cpu_options();
  options.study = study;
  options.threads = 1;
  options.start_paused = true;
  training::Trainer trainer(options);
  const auto plain = step_to(trainer, 7)->members[0].parameters;
  CHECK(step_to(trainer, 9)->members[0].parameters == plain + 2 * 16 * 16); // W_G of two layers
  trainer.post(training::Resume{});
  const auto snapshot = finish(trainer);
  CHECK(snapshot->members[0].parameters == plain);
  const auto* event = event_at(*snapshot, 8);
  REQUIRE(event);
  CHECK(event->text.find("(no jump)") != std::string::npos); // zero gates are plain softmax
}

TEST_CASE("Promises hold across switches that change a model's parameters") {
  const std::string variant = GENERATE("learned-sink", "differential", "gated-element", "sigma-reparam",
                                       "qk-norm", "qk-layer-norm", "free-energy", "ssmax");
  INFO(variant);
  auto study = transformer_study(30);
  auto with_twin = switch_at(13, variant);
  with_twin.keep_twin = true;
  with_twin.new_name = "twin";
  study::Intervention branch{.kind = Kind::Branch, .step = 20, .member = "ViT"};
  branch.changes = {{"attention.variant", variant}};
  branch.from_step = 10;
  branch.new_name = "branch";
  study::Intervention back{.kind = Kind::Rewind, .step = 25, .member = "ViT"};
  back.from_step = 20;
  study.interventions = {with_twin, branch, back};
  const TemporaryRecording once_file, again_file;
  const auto once = run(study, 1, once_file.path);
  REQUIRE(once->members.size() == 4);
  CHECK(member(*once, "twin").settings.attention.variant == "softmax");
  CHECK(member(*once, "branch").settings.attention.variant == variant);
  CHECK(member(*once, "ViT").series.at("loss/train").back().value !=
        member(*once, "twin").series.at("loss/train").back().value);
  // The rewound member meets what the first had met.
  check_same_curves(member(*once, "ViT"), once->members.back(), 0, 25);
  check_same_curves(member(*once, "twin"), member(*run(transformer_study(30)), "ViT"));

  // Stopped after the switch and taken up again.
  {
    auto options = cpu_options();
    options.study = study;
    options.threads = 1;
    options.recording = again_file.path;
    options.start_paused = true;
    training::Trainer trainer(options);
    step_to(trainer, 17);
    trainer.post(training::Stop{});
    trainer.wait();
  }
  training::Trainer resumed(resuming(again_file.path, 2));
  const auto again = finish(resumed);
  REQUIRE(again->members.size() == 4);
  for (const auto& view : once->members) check_same_curves(view, member(*again, view.name));
}
