#include "engine/tasks/associative_recall.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using tasks::AssociativeRecall;

namespace {

study::TaskSettings recall(std::int64_t pairs = 8, std::int64_t symbols = 16) {
  study::TaskSettings settings;
  settings.kind = "associative-recall";
  settings.pairs = pairs;
  settings.symbols = symbols;
  return settings;
}

double guide(const training::TaskInfo& info, const std::string& metric, const std::string& start) {
  for (const auto& guide : info.guides)
    if (guide.metric == metric && guide.label.starts_with(start)) return guide.value;
  FAIL("no guide " << start << " for " << metric);
  return 0;
}

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  return std::equal(part.tokens.begin(), part.tokens.end(), whole.tokens.begin()) &&
         std::equal(part.labels.begin(), part.labels.end(), whole.labels.begin());
}

} // namespace

TEST_CASE("sequences follow the rules of recall") {
  const AssociativeRecall task(recall(5, 7));
  const auto shape = task.shape();
  CHECK(shape.kind == tasks::InputShape::Kind::Tokens);
  CHECK(shape.vocabulary == 14);
  CHECK(shape.positions == 11);
  CHECK(shape.outputs == 1);
  CHECK(task.classes() == 7);
  const auto batch = task.training_batch(1, 0, 20000);
  REQUIRE(batch.tokens.size() == 20000 * 11);
  REQUIRE(batch.labels.size() == 20000);
  std::map<std::pair<std::size_t, std::int64_t>, double> key_at, value_at; // by place
  std::map<std::size_t, double> asked_at;
  for (std::size_t i = 0; i < 20000; ++i) {
    const std::int64_t* token = batch.tokens.data() + i * 11;
    std::set<std::int64_t> keys;
    bool answered = false;
    for (std::size_t pair = 0; pair < 5; ++pair) {
      const std::int64_t key = token[2 * pair], value = token[2 * pair + 1] - 7;
      REQUIRE((key >= 0 && key < 7 && value >= 0 && value < 7));
      keys.insert(key);
      ++key_at[{pair, key}], ++value_at[{pair, value}];
      if (key != token[10]) continue;
      REQUIRE(batch.labels[i] == value);
      answered = true;
      ++asked_at[pair];
    }
    REQUIRE(keys.size() == 5);
    REQUIRE(answered);
  }
  for (std::size_t pair = 0; pair < 5; ++pair) {
    CHECK(asked_at[pair] == Approx(4000).margin(230)); // four standard errors each
    for (std::int64_t symbol = 0; symbol < 7; ++symbol) {
      CHECK(key_at[{pair, symbol}] == Approx(20000 / 7.0).margin(200));
      CHECK(value_at[{pair, symbol}] == Approx(20000 / 7.0).margin(200));
    }
  }
}

TEST_CASE("all symbols may be used at once") {
  const AssociativeRecall task(recall(16, 16));
  const auto batch = task.training_batch(1, 0, 100);
  for (std::size_t i = 0; i < 100; ++i) {
    std::set<std::int64_t> keys;
    for (std::size_t pair = 0; pair < 16; ++pair) keys.insert(batch.tokens[i * 33 + 2 * pair]);
    REQUIRE(keys.size() == 16);
  }
  CHECK(scratch::message<InputError>([] { AssociativeRecall(recall(17, 16)); }) ==
        "task.symbols = 16 must be at least task.pairs = 17: no key comes twice");
}

TEST_CASE("sequences are a function of seed, step and index alone") {
  const AssociativeRecall task(recall()), again(recall());
  const auto batch = task.training_batch(3, 100, 50);
  CHECK(again.training_batch(3, 100, 50).tokens == batch.tokens);
  CHECK(again.training_batch(3, 100, 50).labels == batch.labels);
  CHECK(begins_with(batch, task.training_batch(3, 100, 7)));
  CHECK_FALSE(task.training_batch(3, 101, 50).tokens == batch.tokens);
  CHECK_FALSE(task.training_batch(4, 100, 50).tokens == batch.tokens);
  const auto fixed = task.validation_set(60);
  CHECK(again.validation_set(60).tokens == fixed.tokens);
  CHECK(begins_with(fixed, task.validation_set(20)));
  CHECK_FALSE(begins_with(fixed, task.training_batch(0, 0, 1)));
}

TEST_CASE("guides are what a model reaches that knows the values shown, or nothing") {
  for (const double smoothing : {0.0, 0.1}) {
    const AssociativeRecall task(recall(6, 8));
    const auto info = task.info(1, smoothing);
    const auto batch = task.validation_set(40000);
    double loss = 0, smoothed = 0, mode = 0, hit = 0;
    for (std::size_t i = 0; i < 40000; ++i) {
      std::vector<double> count(8);
      for (std::size_t pair = 0; pair < 6; ++pair)
        ++count[static_cast<std::size_t>(batch.tokens[i * 13 + 2 * pair + 1] - 8)];
      const auto label = static_cast<std::size_t>(batch.labels[i]);
      for (std::size_t value = 0; value < 8; ++value) {
        const double predicted = (1 - smoothing) * count[value] / 6 + smoothing / 8;
        const double truth = (1 - smoothing) * (value == label) + smoothing / 8;
        if (truth > 0) smoothed -= truth * std::log(predicted) / 40000;
        if (value == label) loss -= std::log(predicted) / 40000;
      }
      const auto most = std::max_element(count.begin(), count.end()) - count.begin();
      mode += (static_cast<std::size_t>(most) == label) / 40000.0;
      hit += (count[3] > 0) / 40000.0;
    }
    const std::string level = "one of the values shown";
    CHECK(guide(info, "loss/train", level) == Approx(smoothed).margin(0.01));
    CHECK(guide(info, "loss/validation", level) == Approx(loss).margin(0.01));
    CHECK(guide(info, "accuracy/validation", level) == Approx(mode).margin(0.01));
    CHECK(guide(info, "accuracy/in-context", "knowing nothing") == Approx(hit).margin(0.01));
    CHECK(guide(info, "loss/train", "knowing nothing: 2.079") == Approx(std::log(8)));
    CHECK(guide(info, "loss/validation", "knowing nothing: 2.079") == Approx(std::log(8)));
    if (smoothing > 0) CHECK(guide(info, "loss/validation", "solved") == Approx(-std::log(0.9 + 0.1 / 8)));
  }
}

TEST_CASE("accuracy in context counts answers among the values shown") {
  const AssociativeRecall task(recall(3, 5));
  tasks::Batch batch;
  batch.count = 4;
  batch.tokens = {0,      5, 1, 6, 2, 5, 0, /**/ 0, 5, 1, 6, 2, 7, 1,
                  /**/ 4, 9, 1, 9, 2, 9, 1, /**/ 0, 8, 1, 6, 2, 7, 2};
  batch.labels = {0, 1, 4, 2};
  const std::vector<std::int64_t> answers = {1, 3, 4,
                                             0}; // shown; not; the right one; 0 is shown only as a key
  const auto metrics = task.measure(batch, {.classes = answers, .logits = {}});
  REQUIRE(metrics.size() == 1);
  CHECK(metrics[0].first == "accuracy/in-context");
  CHECK(metrics[0].second == 0.5);
  CHECK(task.measure(batch, {.classes = batch.labels, .logits = {}})[0].second == 1);
}

TEST_CASE("info describes sequences") {
  const AssociativeRecall task(recall(3, 5));
  const auto info = task.info(20, 0.1);
  CHECK(info.title == "Associative recall");
  CHECK(info.data == "3 pairs from 5 keys and 5 values, drawn anew for each sequence");
  CHECK(info.vocabulary ==
        std::vector<std::string>{"k1", "k2", "k3", "k4", "k5", "v1", "v2", "v3", "v4", "v5"});
  CHECK(info.classes == std::vector<std::string>{"v1", "v2", "v3", "v4", "v5"});
  const auto batch = task.validation_set(40);
  REQUIRE(info.tokens->shape == std::vector<std::int64_t>{20, 7});
  REQUIRE(info.tokens->data.size() == 140);
  for (std::size_t i = 0; i < 140; ++i) REQUIRE(info.tokens->data[i] == static_cast<float>(batch.tokens[i]));
  REQUIRE(info.targets == std::vector<std::int64_t>(batch.labels.begin(), batch.labels.begin() + 20));
  REQUIRE(info.input_labels.size() == 20);
  for (std::size_t i = 0; i < 20; ++i)
    CHECK(info.input_labels[i] == info.vocabulary[static_cast<std::size_t>(batch.tokens[i * 7 + 6])] + " → " +
                                      info.classes[static_cast<std::size_t>(batch.labels[i])]);
  CHECK(task.encode("k1").empty());
}
