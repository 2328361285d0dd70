// Whole runs of decoders: recall, and text with what it writes.
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "engine/recording/reader.h"
#include "tests/engine/tiny_study.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using testing::member;

namespace {

study::Study recall_study(std::int64_t steps = 30) {
  study::Study study;
  study.name = study.title = "tiny-recall";
  study.settings = testing::recall_settings();
  auto& s = study.settings;
  s.training.steps = steps;
  s.training.evaluate_every = s.training.checkpoint_every = 10;
  s.probes.map_samples = 2;
  s.probes.attention_every = s.probes.saturation_every = s.probes.components_every = 10;
  s.probes.values_every = s.probes.smoothness_every = 10;
  s.probes.curvature_every = 20;
  s.probes.noise_every = 1000000;
  s.probes.noise_draws = 12;
  study.members = {{"softmax", 1, {}}};
  for (const char* form : {"max-shift", "softclamp", "exact"})
    study.members.push_back({form, 1, {{"attention.laser", std::string(form)}}});
  return study;
}

/// A file of simple, predictable text.
struct TextFile {
  TextFile() {
    path = std::filesystem::temp_directory_path() / ("plateau-text-" + std::to_string(getpid()) + ".txt");
    std::ofstream file(path);
    for (int i = 0; i < 300; ++i) file << "abcd efgh " << (i % 7 == 0 ? "\n" : "");
  }
  ~TextFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

study::Study text_study(const TextFile& file) {
  auto study = recall_study(30);
  study.name = study.title = "tiny-text";
  auto& s = study.settings;
  s.task.kind = "text";
  s.task.text_file = file.path.string();
  s.task.length = 12;
  s.optimizer.learning_rate = 5e-3;
  s.training.steps = 120;
  s.training.evaluate_every = s.training.checkpoint_every = 40;
  s.probes.text_every = 40;
  s.probes.text_length = 20;
  s.probes.noise_every = s.probes.curvature_every = 0;
  study.members.resize(1);
  return study;
}

std::string written(const training::Snapshot& snapshot, const char* tensor) {
  std::string text;
  const auto& data = snapshot.members[0].frame->tensors.at(tensor)->data;
  for (const float index : data) text += snapshot.task->vocabulary.at(std::size_t(index));
  return text;
}

} // namespace

TEST_CASE("decoders learn to recall, with every form of LASER, and are measured") {
  const auto snapshot = testing::run(recall_study(), 2);
  for (const auto& view : snapshot->members) {
    INFO(view.name);
    CHECK(view.tokens.rows == 1);
    CHECK(view.tokens.columns == 7);
    for (const char* metric :
         {"accuracy/in-context", "values/spread/layer2/head1", "values/gradient-ratio/layer1",
          "values/smallest-sum/layer2", "gradient/W_Q/layer1", "curvature/smoothness", "curvature/condition",
          "noise/kurtosis", "component/context-share/layer1", "saturation/entropy/layer2/head2"}) {
      INFO(metric);
      REQUIRE(view.series.contains(metric));
      CHECK(std::isfinite(view.series.at(metric).back().value));
    }
    CHECK(view.frame->tensors.contains("attention/maps"));
  }
  // The same weights and batches at first.
  CHECK(member(*snapshot, "max-shift").series.at("loss/train")[0].value ==
        Approx(member(*snapshot, "exact").series.at("loss/train")[0].value).epsilon(1e-5));
}

TEST_CASE("shares of attention are those of what a row sees") {
  auto study = recall_study(0 + 10);
  study.members.resize(1);
  study.settings.model.init_std = 1e-4; // scores of 0: every row is uniform over what it sees
  study.settings.optimizer.learning_rate = 0;
  const auto snapshot = testing::run(study);
  const auto& view = snapshot->members[0];
  CHECK(view.series.at("saturation/entropy/layer1").back().value == Approx(1).epsilon(1e-3));
  CHECK(view.series.at("saturation/share-below-1e-3/layer1").back().value ==
        0);        // masked entries do not count
  double mean = 0; // of 1/2 ... 1/7: the first row has no choice
  for (int seen = 2; seen <= 7; ++seen) mean += 1.0 / seen / 6;
  CHECK(view.series.at("saturation/max-probability/layer1").back().value == Approx(mean).epsilon(1e-3));
}

TEST_CASE("a language model is read at every step, and asked to go on with what one gives it") {
  const TextFile file;
  const testing::TemporaryRecording recording;
  auto study = text_study(file);
  study.settings.probes.text_temperature = 0;
  study.settings.probes.text_prompt = "abcd ";
  const auto snapshot = testing::run(study, 1, recording.path);
  const auto& view = snapshot->members[0];
  CHECK(view.series.at("loss/bits-per-character").back().value ==
        Approx(view.series.at("loss/validation").back().value / std::log(2.0)));
  CHECK(view.series.at("loss/validation").back().value < 1);
  CHECK(written(*snapshot, "text/prompt") == "abcd␣");
  CHECK(view.frame->tensors.at("text/samples")->shape == std::vector<std::int64_t>{3, 20});
  CHECK(written(*snapshot, "text/samples").starts_with("efgh␣"));
  // The recording shows the same, and what was written in between.
  const recording::Reader reader(recording.path);
  CHECK(reader.frame(0, 120)->tensors.at("text/samples")->data ==
        view.frame->tensors.at("text/samples")->data);
  CHECK(reader.frame(0, 40)->tensors.at("text/samples")->data !=
        view.frame->tensors.at("text/samples")->data);
  const auto replayed = reader.snapshot();
  CHECK(replayed->task->vocabulary == snapshot->task->vocabulary);
  REQUIRE(replayed->task->tokens);
  CHECK(replayed->task->tokens->data == snapshot->task->tokens->data);
}

TEST_CASE("recall that was stopped goes on as if it had not been") {
  const testing::TemporaryRecording file;
  const auto whole = testing::run(recall_study(), 2);
  {
    auto options = testing::cpu_options();
    options.study = recall_study();
    options.recording = file.path;
    options.start_paused = true;
    training::Trainer trainer(options);
    testing::step_to(trainer, 13);
  }
  training::Trainer trainer(testing::resuming(file.path));
  const auto resumed = testing::finish(trainer);
  for (const char* name : {"softmax", "max-shift", "softclamp", "exact"})
    testing::check_same_curves(member(*resumed, name), member(*whole, name));
}
