// Training on a GPU against training on the CPU; nothing is tested where there is no GPU.
#include <unistd.h>

#include "engine/attention/catalogue.h"
#include "engine/training/device.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;

namespace {

bool no_gpu() {
  if (training::devices().size() > 1) return false;
  WARN("no CUDA device: not tested");
  return true;
}

training::TrainerOptions on(const std::string& device, const study::Study& study) {
  training::TrainerOptions options;
  options.study = study;
  options.device = device;
  options.threads = 2;
  return options;
}

std::shared_ptr<const training::Snapshot> run(const training::TrainerOptions& options) {
  training::Trainer trainer(options);
  return finish(trainer);
}

/// Without noise, of which every device draws its own.
study::Study quiet(study::Study study) {
  study.settings.model.drop_path = 0;
  return study;
}

study::Intervention change(std::int64_t step, const std::string& member, study::Assignment assignment) {
  return {.step = step, .member = member, .changes = {std::move(assignment)}};
}

} // namespace

TEST_CASE("CUDA: members train as on the CPU, one by one, in cohorts and from a recorded graph") {
  if (no_gpu()) return;
  auto study = quiet(mixed_study());
  study.members.pop_back(); // the CNN, which a GPU does not even repeat bit for bit
  study.interventions = {change(15, "A", {"attention.temperature", 0.7}), // ends a recording
                         change(25, "B", {"optimizer.learning_rate", 1e-3})};
  const auto expected = run(on("cpu", study));
  for (const bool cohorts : {false, true})
    for (const bool graphs : {false, true}) {
      if (graphs && !cohorts) continue;
      INFO("cohorts " << cohorts << ", graphs " << graphs);
      auto options = on("cuda", study);
      options.cohorts = cohorts;
      options.graphs = graphs;
      check_close_curves(*run(options), *expected);
    }
}

TEST_CASE("CUDA: two runs at once do not disturb each other") {
  if (no_gpu()) return;
  const auto study = quiet(mixed_study());
  training::Trainer one(on("cuda", study)), other(on("cuda", study));
  const auto expected = finish(one), snapshot = finish(other);
  check_close_curves(*snapshot, *expected);
}

TEST_CASE("CUDA: a member's noise is the same in a cohort and by itself") {
  if (no_gpu()) return;
  auto alone = on("cuda", mixed_study());
  alone.cohorts = false;
  check_close_curves(*run(on("cuda", mixed_study())), *run(alone));
}

TEST_CASE("CUDA: every attention variant trains as on the CPU") {
  if (no_gpu()) return;
  auto study = quiet(tiny_study(10));
  study.members.clear();
  for (const auto& variant : attention::variants())
    study.members.push_back({variant.name, 3, {{"attention.variant", variant.name}}});
  for (const char* laser : {"max-shift", "softclamp", "exact"})
    study.members.push_back({laser, 3, {{"attention.laser", std::string(laser)}}});
  const auto snapshot = run(on("cuda", study)), expected = run(on("cpu", study));
  for (const auto& view : expected->members) {
    INFO(view.name);
    const auto &losses = member(*snapshot, view.name).series.at("loss/train"),
               &on_cpu = view.series.at("loss/train");
    REQUIRE(losses.size() == on_cpu.size());
    for (std::size_t i = 0; i < losses.size(); ++i)
      CHECK(losses[i].value == Approx(on_cpu[i].value).epsilon(0.01));
  }
}

TEST_CASE("CUDA: a switch to a variant with parameters of its own, and back") {
  if (no_gpu()) return;
  auto study = quiet(tiny_study());
  study.members = {{"A", 3, {}}, {"B", 4, {}}};
  study.interventions = {change(12, "", {"attention.variant", std::string("learned-sink")}),
                         change(24, "", {"attention.variant", std::string("softmax")})};
  check_close_curves(*run(on("cuda", study)), *run(on("cpu", study)));
}

TEST_CASE("CUDA: a run that stopped and was resumed goes on as if it had not") {
  if (no_gpu()) return;
  for (const auto& study : {mixed_study(), quiet(mixed_study())}) {
    const auto whole = run(on("cuda", study));
    const TemporaryRecording file;
    {
      auto options = on("cuda", study);
      options.recording = file.path;
      options.start_paused = true;
      training::Trainer stopped(options);
      step_to(stopped, 17);
      stopped.post(training::Stop{});
      stopped.wait();
    }
    auto options = on("cuda", study);
    options.recording = file.path;
    options.resume = true;
    check_close_curves(*run(options), *whole);
  }
}
