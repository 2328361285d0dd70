// Whole runs of linear transformers: members with tasks of their own, optimizers, curvature and noise.
#include <cmath>

#include "tests/engine/tiny_study.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using testing::member;

namespace {

study::Study linear_study(std::int64_t steps = 40) {
  study::Study study;
  study.name = study.title = "tiny-linear";
  study.settings = testing::regression_settings();
  auto& s = study.settings;
  s.model.init_std = 0.05;
  s.optimizer.learning_rate = 0.02;
  s.optimizer.beta2 = 0.9;
  s.optimizer.clip_norm = 1;
  s.training.steps = steps;
  s.training.batch_size = 64;
  s.training.evaluate_every = s.training.checkpoint_every = 10;
  s.probes.gradients_every = s.probes.weights_every = 10;
  s.probes.smoothness_every = 5;
  s.probes.curvature_every = 20;
  s.probes.noise_every = 1000000;
  s.probes.noise_draws = 40;
  study.members = {
      {"SGD", 1, {{"optimizer.kind", std::string("sgd")}}},
      {"Adam", 1, {}},
      {"sphere", 1, {{"task.covariates", std::string("sphere")}, {"probes.noise_every", std::int64_t{0}}}}};
  return study;
}

double at(const training::MemberView& member, const std::string& metric, std::int64_t step) {
  INFO(metric);
  REQUIRE(member.series.contains(metric));
  const auto& series = member.series.at(metric);
  const auto i = training::lower_bound(series, step);
  REQUIRE(i < series.size());
  REQUIRE(series[i].step == step);
  return series[i].value;
}

} // namespace

TEST_CASE("linear transformers train, each on its own covariates, and are measured") {
  const auto snapshot = testing::run(linear_study(200), 2);
  const auto &sgd = member(*snapshot, "SGD"), &sphere = member(*snapshot, "sphere");
  CHECK(at(sgd, "loss/validation", 0) == Approx(5).epsilon(0.5)); // E |x|^2 with 32 prompts
  CHECK(at(sphere, "loss/validation", 0) == Approx(1).epsilon(0.5));
  CHECK(at(sgd, "loss/validation", 200) < 0.5);
  CHECK(at(sgd, "loss/validation-median", 200) <= at(sgd, "loss/validation", 200));
  CHECK_FALSE(sgd.series.contains("accuracy/validation"));
  // Both start from the same weights on the same prompts.
  CHECK(at(sgd, "loss/train", 1) == at(member(*snapshot, "Adam"), "loss/train", 1));
  CHECK(at(sgd, "curvature/coordinates", 0) == 150);
  CHECK(at(sgd, "curvature/dead", 100) == 25); // the last layer's P
  CHECK(at(sgd, "curvature/largest", 100) > 0);
  CHECK(std::isfinite(at(sgd, "curvature/smoothness", 5)));
  CHECK(at(sgd, "gradient/P/layer3", 10) == 0);
  CHECK(at(sgd, "gradient/Q/layer3", 10) > 0);
  CHECK(at(sgd, "noise/p99", 0) > at(sgd, "noise/median", 0));
  CHECK_FALSE(sphere.series.contains("noise/skew"));
  CHECK(at(sgd, "reference/preconditioned-gradient-descent", 0) <= at(sgd, "reference/gradient-descent", 0));
  REQUIRE(sgd.frame->tensors.contains("linear/matrices"));
  CHECK(sgd.frame->tensors.at("linear/matrices")->shape == std::vector<std::int64_t>{3, 2, 5, 5});
  CHECK(sgd.frame->tensors.at("noise/errors")->data.size() == 40);
}

TEST_CASE("the closed form and the tokens train alike") {
  auto study = linear_study(60);
  study.settings.probes.noise_every = study.settings.probes.curvature_every = 0;
  study.members = {{"closed", 2, {}},
                   {"tokens", 2, {{"training.path", std::string("autograd")}}},
                   {"dense", 2, {{"model.parametrisation", std::string("dense")}}}};
  const auto snapshot = testing::run(study);
  const auto &closed = member(*snapshot, "closed"), &tokens = member(*snapshot, "tokens");
  for (const std::int64_t step : {1, 20, 60})
    CHECK(at(closed, "loss/train", step) == Approx(at(tokens, "loss/train", step)).epsilon(1e-3));
  CHECK(at(closed, "curvature/smoothness", 30) ==
        Approx(at(tokens, "curvature/smoothness", 30)).epsilon(1e-2));
  CHECK(member(*snapshot, "dense").parameters == 3 * 2 * 36);
  CHECK(at(member(*snapshot, "dense"), "loss/validation", 60) < 5);
}

TEST_CASE("a run of linear transformers that was stopped goes on as if it had not been") {
  const testing::TemporaryRecording file;
  const auto whole = testing::run(linear_study(40), 2);
  {
    auto options = testing::cpu_options();
    options.study = linear_study(40);
    options.recording = file.path;
    options.start_paused = true;
    training::Trainer trainer(options);
    testing::step_to(trainer, 17);
  }
  training::Trainer trainer(testing::resuming(file.path));
  const auto resumed = testing::finish(trainer);
  for (const char* name : {"SGD", "Adam", "sphere"})
    testing::check_same_curves(member(*resumed, name), member(*whole, name));
}

TEST_CASE("every optimizer lowers the loss, and one takes over from another with an empty memory") {
  auto study = linear_study(150);
  study.settings.probes.noise_every = study.settings.probes.curvature_every = 0;
  study.members.clear();
  const auto add = [&](const std::string& kind, double rate) {
    study.members.push_back({kind, 4, {{"optimizer.kind", kind}, {"optimizer.learning_rate", rate}}});
  };
  add("sgd", 0.02);
  add("adamw", 0.02);
  add("sign-momentum", 0.005);
  add("normalised-gradient", 0.05);
  study::Intervention change;
  change.step = 100;
  change.member = "sgd";
  change.changes = {{"optimizer.kind", std::string("adamw")}};
  study.interventions = {change};
  const auto snapshot = testing::run(study, 2);
  for (const auto& view : snapshot->members) {
    INFO(view.name);
    CHECK(at(view, "loss/validation", 150) < 0.3 * at(view, "loss/validation", 0));
  }
  CHECK(member(*snapshot, "sgd").settings.optimizer.kind == "adamw");
}

TEST_CASE("gradient noise is measured when it is asked for") {
  auto study = linear_study(40);
  study.members.resize(1);
  auto options = testing::cpu_options();
  options.study = study;
  options.start_paused = true;
  training::Trainer trainer(options);
  testing::step_to(trainer, 7);
  trainer.post(training::MeasureNoise{"SGD"});
  const auto snapshot = testing::wait_until(trainer, [](const auto& s) {
    const auto& skew = s.members[0].series.at("noise/skew");
    return skew.back().step == 7;
  });
  CHECK(snapshot->members[0].frame->step == 7);
  trainer.post(training::MeasureNoise{"nobody"});
  testing::wait_until(trainer,
                      [](const auto& s) { return s.notice.find("no member 'nobody'") != std::string::npos; });
}

TEST_CASE("a prompt that overflows float32 does not end a deep model's run") {
  // Five layers whose output is a polynomial of degree 3^5 in the tokens, started far too large.
  auto study = linear_study(3);
  study.settings.model.depth = 5;
  study.settings.model.init_std = 0.6;
  study.settings.probes.noise_every = study.settings.probes.curvature_every = 0;
  study.settings.probes.smoothness_every = 0;
  study.members = {{"deep", 0, {}}};
  const auto snapshot = testing::run(study);
  const auto& losses = member(*snapshot, "deep").series.at("loss/train");
  CHECK(losses[0].value > 1e38); // beyond float32
  CHECK(std::isfinite(losses[0].value));
  CHECK(std::isfinite(losses.back().value));
}
