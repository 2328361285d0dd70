// A study that trains in a fraction of a second, and helpers to run it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "engine/study/fields.h"
#include "engine/training/trainer.h"
#include "tests/catch.h"

namespace plateau::testing {

inline study::Study tiny_study(std::int64_t steps = 40) {
  study::Study study;
  study.name = study.title = "tiny";
  auto& s = study.settings;
  s.task.cell_size = 8;
  s.task.indicators = "fashion";
  s.task.validation_samples = 64;
  s.model.patch = 8;
  s.model.width = 16;
  s.model.heads = 2;
  s.model.depth = 2;
  s.model.drop_path = 0.2;
  s.model.init_std = 0.1;
  s.model.base_channels = 4;
  s.optimizer.warmup_steps = 5;
  s.training.steps = steps;
  s.training.batch_size = 8;
  s.training.evaluate_every = 10;
  s.training.checkpoint_every = 10;
  s.probes.samples = 8;
  s.probes.map_samples = 2;
  s.probes.attention_every = s.probes.saturation_every = s.probes.gradients_every = s.probes.weights_every =
      s.probes.components_every = 10;
  study.members = {{"ViT", 3, {}}, {"CNN", 3, {{"model.kind", std::string("resnet")}}}};
  return study;
}

/// Members that differ in all that members of a cohort may differ in, and one that belongs to none.
inline study::Study mixed_study() {
  auto study = tiny_study();
  study.members = {{"A", 3, {}},
                   {"B", 4, {{"optimizer.learning_rate", 5e-3}, {"optimizer.weight_decay", 0.2}}},
                   {"C", 3, {{"attention.variant", std::string("norm-softmax")}}},
                   {"D", 5, {{"attention.temperature", 0.5}, {"training.label_smoothing", 0.3}}},
                   {"E", 6, {{"optimizer.gradient_rescaling", std::string("mean-to-value")}}},
                   {"CNN", 3, {{"model.kind", std::string("resnet")}}}};
  return study;
}

/// A file that is not there yet and is removed at the end.
struct TemporaryRecording {
  TemporaryRecording() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() /
           ("plateau-test-" + std::to_string(getpid()) + "-" + std::to_string(count++) + ".plateau");
    remove();
  }
  ~TemporaryRecording() { remove(); }
  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
  }
  std::filesystem::path path;
};

/// For the CPU, also where there is a GPU: there curves repeat bit for bit.
inline training::TrainerOptions cpu_options() {
  training::TrainerOptions options;
  options.device = "cpu";
  return options;
}

/// To be stepped by hand (step_to), on one thread.
inline training::TrainerOptions paused(const study::Study& study, const std::filesystem::path& recording) {
  auto options = cpu_options();
  options.study = study;
  options.threads = 1;
  options.recording = recording;
  options.start_paused = true;
  return options;
}

/// To go on with what was recorded.
inline training::TrainerOptions resuming(const std::filesystem::path& recording, int threads = 0) {
  auto options = cpu_options();
  options.recording = recording;
  options.resume = true;
  options.threads = threads;
  return options;
}

inline std::shared_ptr<const training::Snapshot> finish(training::Trainer& trainer) {
  trainer.wait();
  auto snapshot = trainer.latest();
  INFO(snapshot->error);
  REQUIRE(snapshot->state == training::State::Finished);
  return snapshot;
}

inline std::shared_ptr<const training::Snapshot> run(const study::Study& study, int threads = 1,
                                                     const std::filesystem::path& recording = {}) {
  auto options = cpu_options();
  options.study = study;
  options.threads = threads;
  options.recording = recording;
  training::Trainer trainer(options);
  return finish(trainer);
}

/// Polls until `condition` holds; fails after half a minute.
inline std::shared_ptr<const training::Snapshot>
wait_until(training::Trainer& trainer, const std::function<bool(const training::Snapshot&)>& condition) {
  for (int i = 0; i < 30000; ++i) {
    auto snapshot = trainer.latest();
    if (condition(*snapshot)) return snapshot;
    REQUIRE(snapshot->state != training::State::Failed);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  FAIL("the trainer did not get there");
  return nullptr;
}

/// Trains exactly `steps` lockstep steps of a paused trainer.
inline std::shared_ptr<const training::Snapshot> step_to(training::Trainer& trainer, std::int64_t step) {
  wait_until(trainer, [](const auto& s) { return s.state == training::State::Paused; });
  trainer.post(training::StepOnce{step - trainer.latest()->step});
  return wait_until(trainer, [&](const auto& s) { return s.step == step; });
}

/// Trains a study up to `step` and leaves it there.
inline void train_to(const study::Study& study, const std::filesystem::path& recording, std::int64_t step) {
  training::Trainer trainer(paused(study, recording));
  step_to(trainer, step);
  trainer.post(training::Stop{});
  trainer.wait();
}

inline const training::MemberView& member(const training::Snapshot& snapshot, std::string_view name) {
  for (const auto& view : snapshot.members)
    if (view.name == name) return view;
  FAIL("no member " << name);
  return snapshot.members.front();
}

/// The curves of two members agree bit for bit, from step `begin` to step `end`.
inline void check_same_curves(const training::MemberView& a, const training::MemberView& b,
                              std::int64_t begin = 0, std::int64_t end = 1 << 30) {
  REQUIRE(a.series.size() == b.series.size());
  for (const auto& [metric, series] : a.series) {
    INFO(metric);
    REQUIRE(b.series.contains(metric));
    const auto& other = b.series.at(metric);
    const auto first = training::lower_bound(series, begin), last = training::lower_bound(series, end + 1);
    const auto other_first = training::lower_bound(other, begin);
    REQUIRE(last - first == training::lower_bound(other, end + 1) - other_first);
    for (auto i = first; i < last; ++i) {
      REQUIRE(series[i].step == other[other_first + i - first].step);
      REQUIRE(series[i].value == other[other_first + i - first].value);
    }
  }
}

/// The curves of all members agree as far as the order of operations lets them.
inline void check_close_curves(const training::Snapshot& a, const training::Snapshot& b) {
  REQUIRE(a.members.size() == b.members.size());
  for (const auto& view : a.members) {
    const auto& other = member(b, view.name);
    REQUIRE(view.series.size() == other.series.size());
    for (const auto& [metric, series] : view.series) {
      INFO(view.name << " " << metric);
      const auto& expected = other.series.at(metric);
      REQUIRE(series.size() == expected.size());
      // Counts of right answers and of entries below a threshold jump by rounding.
      const bool counted = metric.starts_with("accuracy/") || metric.find("share-below") != std::string::npos;
      for (std::size_t i = 0; i < series.size(); ++i) {
        REQUIRE(series[i].step == expected[i].step);
        // Rounding grows with every step, most where NormSoftmax divides by a small spread.
        const double tolerance = series[i].step <= 10 ? 0.01 : 0.05;
        if (!counted && (series[i].step <= 10 || metric.starts_with("loss/")))
          REQUIRE(series[i].value == Approx(expected[i].value).epsilon(tolerance).margin(1e-4));
      }
    }
  }
}

} // namespace plateau::testing
