// The promises of DESIGN 5 with modified gradients, other losses and the untrained model taken off; and
// cohorts.
#include <unistd.h>

#include "engine/study/rules.h"
#include "tests/engine/tiny_study.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using namespace plateau::testing;
using Kind = study::Intervention::Kind;

namespace {

/// Recall, with members that differ in what is done to gradient, loss and logits.
study::Study modified_study(const std::string& path = "fused") {
  study::Study study;
  study.name = study.title = "tiny-modified";
  study.settings = recall_settings();
  auto& s = study.settings;
  s.training.path = path;
  s.training.steps = 30;
  s.training.batch_size = 40; // enough rows for two lanes
  s.training.evaluate_every = s.training.checkpoint_every = 10;
  s.probes.map_samples = 2;
  s.probes.gradients_every = s.probes.weights_every = 5;
  s.probes.attention_every = s.probes.saturation_every = s.probes.components_every = 10;
  const auto word = [](const char* text) { return std::string(text); };
  study.members = {{"plain", 1, {}},
                   {"grokfast", 1, {{"optimizer.modifier", word("grokfast")}}},
                   {"perpendicular",
                    1,
                    {{"optimizer.modifier", word("perpendicular")},
                     {"optimizer.constant_norm", true},
                     {"training.loss", word("stablemax")},
                     {"training.loss_precision", word("float64")}}},
                   {"initial", 1, {{"model.subtract_initial", true}, {"training.loss", word("squared")}}},
                   {"decay", 1, {{"optimizer.decay_unit", word("step")}, {"optimizer.epsilon", 0.0}}}};
  return study;
}

} // namespace

TEST_CASE("Modified runs: the number of threads changes no bit, and each modification changes the run") {
  for (const char* path : {"fused", "autograd"}) {
    const auto study = modified_study(path);
    const auto once = run(study), threaded = run(study, 3);
    for (const auto& view : once->members) {
      check_same_curves(view, member(*threaded, view.name));
      if (view.name != "plain")
        CHECK(view.series.at("loss/train").back().value !=
              member(*once, "plain").series.at("loss/train").back().value);
    }
  }
}

TEST_CASE("Modified runs: stopping and resuming is as never having stopped") {
  const auto study = modified_study();
  const auto whole = run(study);
  const TemporaryRecording file;
  train_to(study, file.path, 17);
  training::Trainer trainer(resuming(file.path, 1));
  const auto resumed = finish(trainer);
  for (const auto& view : whole->members) check_same_curves(view, member(*resumed, view.name));
}

TEST_CASE("Modified runs: rewinding, twins and switches in mid-run") {
  auto study = modified_study();
  study::Intervention twin{.kind = Kind::Set, .step = 13, .member = "grokfast"};
  twin.changes = {{"optimizer.modifier", std::string("none")}};
  twin.keep_twin = true;
  study::Intervention on{.kind = Kind::Set, .step = 13, .member = "plain"};
  on.changes = {{"optimizer.modifier", std::string("grokfast")},
                {"training.loss", std::string("stablemax")},
                {"optimizer.constant_norm", true}};
  on.keep_twin = true;
  study.interventions = {twin, on};
  const TemporaryRecording file;
  training::Trainer trainer(paused(study, file.path));
  step_to(trainer, 25);
  study::Intervention rewind;
  rewind.kind = Kind::Rewind;
  rewind.from_step = 10;
  trainer.post(training::Intervene{rewind});
  wait_until(trainer, [](const auto& s) { return s.members.size() == 12; });
  trainer.post(training::Resume{});
  const auto snapshot = finish(trainer);
  const auto whole = run(modified_study());
  for (const auto& view : whole->members)
    check_same_curves(view, member(*snapshot, view.name + " · again from 10"));
  // The controls go on as if nothing had been switched, until the rewind freezes them.
  for (const std::string name : {"plain", "grokfast"}) {
    const auto& control = member(*snapshot, name + " · twin");
    check_same_curves(member(*whole, name), control, 0, 25);
    const auto& switched = member(*snapshot, name).series.at("loss/train");
    const auto& before = control.series.at("loss/train");
    CHECK(switched[12].value == before[12].value); // step 13: the last one before the switch
    CHECK(switched[20].value != before[20].value);
  }
}

TEST_CASE("Modified runs: a cohort's curves are its members'") {
  auto study = modified_study();
  const auto options_for = [&](bool cohorts) {
    auto options = cpu_options();
    options.study = study;
    options.threads = 2;
    options.cohorts = cohorts;
    return options;
  };
  study.settings.training.loss_precision = "float64";
  study.settings.training.label_smoothing = 0.1;
  // Without the members that no cohort takes, then with them.
  for (const bool all : {false, true}) {
    if (all)
      study.members = modified_study().members;
    else
      study.members = {study.members[0],
                       study.members[1],
                       {"p", 2, {{"optimizer.modifier", std::string("perpendicular")}}},
                       {"n", 1, {{"optimizer.constant_norm", true}}},
                       {"d", 1, {{"optimizer.decay_unit", std::string("step")}}}};
    training::Trainer alone(options_for(false)), together(options_for(true));
    check_close_curves(*finish(together), *finish(alone));
  }
}

TEST_CASE("Modified runs: gradient noise of the whole training set is refused") {
  study::Settings settings;
  settings.task.kind = "modular-arithmetic";
  settings.model.kind = "arithmetic-transformer";
  settings.training.batch_size = 0;
  REQUIRE_FALSE(study::find_conflict(settings));
  settings.probes.noise_every = 100;
  const auto conflict = study::find_conflict(settings);
  REQUIRE(conflict);
  CHECK(conflict->message.find("no noise") != std::string::npos);
  settings.probes.noise_batch = 64;
  CHECK_FALSE(study::find_conflict(settings));
}
