#include <set>
#include <thread>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/tasks/task.h"
#include "tests/catch.h"
#include "tests/tasks/canvas.h"

using namespace plateau;
using scratch::contains;

namespace {

bool equal(const tasks::Batch& a, const tasks::Batch& b) {
  return a.count == b.count && a.images == b.images && a.labels == b.labels &&
         a.alternatives == b.alternatives && a.decisions == b.decisions;
}

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  return std::equal(part.images.begin(), part.images.end(), whole.images.begin()) &&
         std::equal(part.labels.begin(), part.labels.end(), whole.labels.begin());
}

} // namespace

TEST_CASE("a training batch is a pure function of seed and step") {
  const scratch::Data data(true);
  for (const auto& variant : canvas::variants()) {
    study::TaskSettings settings;
    settings.variant = variant.name;
    settings.cell_size = 7;
    const auto task = tasks::make_task(settings), again = tasks::make_task(settings);
    const tasks::Batch batch = task->training_batch(3, 100, 64);
    REQUIRE(batch.count == 64);
    REQUIRE(task->shape().channels == 3);
    REQUIRE(task->shape().height == 14);
    REQUIRE(task->shape().width == 14);
    REQUIRE(task->classes() == 10);
    REQUIRE(batch.images.size() == 64 * 3 * 14 * 14);
    task->training_batch(9, 9, 9); // leaves no trace
    CHECK(equal(task->training_batch(3, 100, 64), batch));
    CHECK(equal(again->training_batch(3, 100, 64), batch));
    CHECK(begins_with(batch, task->training_batch(3, 100, 5)));
    CHECK_FALSE(task->training_batch(3, 101, 64).images == batch.images);
    CHECK_FALSE(task->training_batch(4, 100, 64).images == batch.images);
    // Within a batch no two samples are alike.
    std::set<std::vector<float>> distinct;
    for (std::ptrdiff_t i = 0; i < 64; ++i)
      distinct.emplace(batch.images.begin() + i * 588, batch.images.begin() + (i + 1) * 588);
    CHECK(distinct.size() == 64);
  }
}

TEST_CASE("several threads may draw batches at once") {
  const scratch::Data data(false);
  study::TaskSettings settings;
  settings.cell_size = 8;
  const auto task = tasks::make_task(settings);
  std::array<tasks::Batch, 4> drawn;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < drawn.size(); ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20; ++round)
        drawn[t] = task->training_batch(1, static_cast<std::int64_t>(t), 64);
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t t = 0; t < drawn.size(); ++t)
    CHECK(equal(drawn[t], task->training_batch(1, static_cast<std::int64_t>(t), 64)));
}

TEST_CASE("the validation set is fixed") {
  const scratch::Data data(true);
  study::TaskSettings settings;
  settings.cell_size = 7;
  const auto task = tasks::make_task(settings);
  const tasks::Batch set = task->validation_set(200);
  CHECK(equal(task->validation_set(200), set));
  CHECK(equal(tasks::make_task(settings)->validation_set(200), set));
  CHECK(begins_with(set, task->validation_set(30)));
}

TEST_CASE("info describes the first validation samples") {
  const scratch::Data data(true);
  for (const auto& variant : canvas::variants()) {
    INFO(variant.name);
    study::TaskSettings settings;
    settings.variant = variant.name;
    settings.cell_size = 6;
    settings.color_noise = 1; // so that clamping has something to do
    const auto task = tasks::make_task(settings);
    const auto info = task->info(40, 0.1);
    const tasks::Batch set = task->validation_set(100);
    CHECK(info.title == variant.title);
    CHECK(info.classes.size() == 10);
    REQUIRE(info.inputs->shape == std::vector<std::int64_t>{40, 3, 12, 12});
    REQUIRE(info.inputs->data.size() == 40 * 3 * 12 * 12);
    bool clamped = false;
    for (std::size_t i = 0; i < info.inputs->data.size(); ++i) {
      REQUIRE(info.inputs->data[i] == std::clamp(set.images[i], 0.0F, 1.0F));
      clamped = clamped || info.inputs->data[i] != set.images[i];
    }
    CHECK(clamped);
    REQUIRE(info.targets == std::vector<std::int64_t>(set.labels.begin(), set.labels.begin() + 40));
    REQUIRE(info.input_labels.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) {
      const std::string& text = info.input_labels[i];
      CHECK(text.starts_with(set.decisions[i] == 1 ? "same" : "different"));
      const std::string named = text.substr(text.rfind(": ") + 2);
      CHECK(contains(info.classes[static_cast<std::size_t>(set.labels[i])], named));
    }
  }
}

TEST_CASE("input labels say where the answer stands and what it is") {
  const scratch::Data data(false);
  study::TaskSettings settings;
  settings.cell_size = 4;
  const auto labels_of = [&](const std::string& variant) {
    settings.variant = variant;
    const auto labels = tasks::make_task(settings)->info(300, 0.1).input_labels;
    return std::set<std::string>(labels.begin(), labels.end());
  };
  CHECK(labels_of("fixed-position").count("same → top right: Sneaker"));
  CHECK(labels_of("fixed-position").count("different → bottom left: Ankle boot"));
  CHECK(labels_of("any-position").count("different → bottom row: Bag"));
  CHECK(labels_of("indicator-groups").count("same group → top right: Coat"));
  CHECK(labels_of("colour-indicator").count("different colour → bottom left: Dress"));
  CHECK(labels_of("class-or-colour").count("same → class: Sandal"));
  CHECK(labels_of("class-or-colour").count("different → colour: turquoise"));
  CHECK(labels_of("position-as-indicator").count("same column → top: Shirt"));
}

TEST_CASE("info says which data and which indicators are in use") {
  study::TaskSettings settings;
  settings.cell_size = 4;
  const auto data_of = [&](const std::string& variant) {
    settings.variant = variant;
    return tasks::make_task(settings)->info(1, 0.1).data;
  };
  {
    const scratch::Data data(true);
    CHECK(data_of("fixed-position") ==
          "Fashion-MNIST (200 train, 100 held-out images at 4×4); indicators: MNIST 1 / 2");
    CHECK(contains(data_of("indicator-groups"), "indicators: MNIST {1, 2} / {3, 4}"));
    CHECK(contains(data_of("colour-indicator"),
                   "MNIST (235 train, 150 held-out images at 4×4); indicators: the colo"));
    CHECK_FALSE(contains(data_of("colour-indicator"), "Fashion"));
    settings.indicators = "fashion";
    CHECK(contains(data_of("fixed-position"), "Fashion-MNIST Trouser / Bag (task.indicators = fashion)"));
    settings.same_probability = 0.6;
    CHECK(contains(data_of("fixed-position"), "; P(same) = 0.800"));
  }
  settings = {};
  settings.cell_size = 4;
  const scratch::Data data(false);
  CHECK(contains(data_of("any-position"),
                 "indicators: Fashion-MNIST Trouser / Bag (no MNIST digits found in "));
  CHECK(
      contains(data_of("indicator-groups"), "Fashion-MNIST {Trouser, Sandal} / {Bag, Ankle boot} (no MNIST"));
  CHECK(contains(data_of("colour-indicator"), "in place of digits (no MNIST digits found in "));
}

TEST_CASE("colour-indicator with digits does without Fashion-MNIST") {
  const scratch::Data data(true);
  scratch::fs::remove_all(data.folder() / "fashion");
  study::TaskSettings settings;
  settings.variant = "colour-indicator";
  CHECK(tasks::make_task(settings)->info(1, 0.1).classes.at(7) == "7");
  settings.variant = "fixed-position";
  CHECK(contains(scratch::message<InputError>([&] { tasks::make_task(settings); }), "dataset-fashion-mnist"));
}

TEST_CASE("indicators = mnist without digits is an error in every variant that would use them") {
  const scratch::Data data(false);
  for (const auto& variant : canvas::variants()) {
    study::TaskSettings settings;
    settings.variant = variant.name;
    settings.indicators = "mnist";
    const std::string text = scratch::message<InputError>([&] { tasks::make_task(settings); });
    CHECK(contains(text,
                   variant.name == "position-as-indicator" ? "nothing was thrown" : "no MNIST digits found"));
  }
}

TEST_CASE("a wrong kind or variant is answered with the right ones") {
  study::TaskSettings settings;
  settings.variant = "fixed";
  const std::string text = scratch::message<InputError>([&] { tasks::make_task(settings); });
  for (const auto& variant : canvas::variants()) CHECK(contains(text, variant.name));
  settings.kind = "texts";
  const std::string kinds = scratch::message<InputError>([&] { tasks::make_task(settings); });
  for (const auto& kind : study::field("task.kind").choices) CHECK(contains(kinds, kind));
}

TEST_CASE("an indicator class without images is named") {
  const scratch::Data data(false);
  const auto labels = data.folder() / "fashion/t10k-labels-idx1-ubyte";
  scratch::write_plain(labels, scratch::idx({100}, scratch::Bytes(100, 1)));
  study::TaskSettings settings;
  settings.cell_size = 11; // not read before
  CHECK(contains(scratch::message<InputError>([&] { tasks::make_task(settings); }),
                 "no held-out image of class Bag"));
}
