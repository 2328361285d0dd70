#include "engine/tasks/in_context_classification.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"
#include "tests/tasks/statistics.h"

using namespace plateau;
using tasks::InContextClassification;

namespace {

constexpr std::size_t pairs = 8, length = 17, width = 32;

study::TaskSettings classification() { // 128 classes, 32 labels, each class of a bursty sequence 4 times
  study::TaskSettings settings;
  settings.kind = "in-context-classification";
  return settings;
}

study::TaskSettings with(double bursty, double fresh, double exponent = 0) {
  auto settings = classification();
  settings.bursty_share = bursty;
  settings.fresh_share = fresh;
  settings.class_exponent = exponent;
  return settings;
}

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  const auto starts = [](const auto& all, const auto& first) {
    return std::equal(first.begin(), first.end(), all.begin());
  };
  return starts(whole.items, part.items) && starts(whole.tokens, part.tokens) &&
         starts(whole.labels, part.labels);
}

/// A sequence, as its tokens say.
struct Sequence {
  std::vector<std::int64_t> classes, labels; // of the pairs
  std::int64_t query, answer;
  std::map<std::int64_t, int> counts() const {
    std::map<std::int64_t, int> result;
    for (const auto k : classes) ++result[k];
    return result;
  }
  bool bursty(int times = 4) const {
    for (const auto& [k, count] : counts())
      if (count != times) return false;
    return true;
  }
  bool shows_query() const { return std::ranges::count(classes, query) > 0; }
};

Sequence sequence(const tasks::Batch& batch, std::size_t sample, std::int64_t first_label = 130) {
  Sequence result;
  for (std::size_t i = 0; i < pairs; ++i) {
    result.classes.push_back(batch.tokens[sample * length + 2 * i]);
    result.labels.push_back(batch.tokens[sample * length + 2 * i + 1] - first_label);
  }
  result.query = batch.tokens[sample * length + 2 * pairs];
  result.answer = batch.labels[sample * length + 2 * pairs];
  return result;
}

std::vector<Sequence> sequences(const tasks::Batch& batch) {
  std::vector<Sequence> result;
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count); ++i)
    result.push_back(sequence(batch, i));
  return result;
}

std::vector<double> item(const tasks::Batch& batch, std::size_t sample, std::size_t pair) {
  const auto begin = batch.items.begin() + static_cast<std::ptrdiff_t>((sample * length + 2 * pair) * width);
  return {begin, begin + width};
}

double guide(const training::TaskInfo& info, const std::string& metric, const std::string& start) {
  for (const auto& guide : info.guides)
    if (guide.metric == metric && guide.label.starts_with(start)) return guide.value;
  FAIL("no guide " << start << " for " << metric);
  return 0;
}

const tasks::Batch& set(const std::vector<tasks::NamedBatch>& sets, const std::string& name) {
  for (const auto& set : sets)
    if (set.name == name) return set.batch;
  FAIL("no set " << name);
  return sets[0].batch;
}

} // namespace

TEST_CASE("only the query of a classification sequence is asked for") {
  const InContextClassification task(classification(), 1);
  const auto shape = task.shape();
  CHECK(shape.kind == tasks::InputShape::Kind::Pairs);
  CHECK(shape.positions == 17);
  CHECK(shape.outputs == 17);
  CHECK(shape.vocabulary == 32);
  CHECK(shape.item_width == 32);
  CHECK(task.classes() == 32);
  CHECK(task.extra_outputs() == tasks::ExtraOutputs{});
  const auto batch = task.training_batch(1, 0, 100);
  REQUIRE(batch.tokens.size() == 100 * length);
  REQUIRE(batch.items.size() == 100 * length * width);
  REQUIRE(batch.labels.size() == 100 * length);
  for (std::size_t row = 0; row < batch.labels.size(); ++row)
    REQUIRE((batch.labels[row] >= 0) == (row % length == 16));
  for (std::size_t i = 0; i < 100; ++i) {
    const auto read = sequence(batch, i);
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      REQUIRE(read.labels[pair] == task.label_of(read.classes[pair]));
      const float* label = batch.items.data() + (i * length + 2 * pair + 1) * width;
      REQUIRE(label[0] == static_cast<float>(read.labels[pair]));
      REQUIRE(std::all_of(label + 1, label + width, [](float entry) { return entry == 0; }));
    }
    REQUIRE(read.answer == task.label_of(read.query));
  }
}

TEST_CASE("classes share the labels evenly, in an order of the seed") {
  const InContextClassification task(classification(), 1), other(classification(), 2);
  std::map<std::int64_t, int> count;
  int same = 0, in_order = 0;
  for (std::int64_t k = 0; k < 128; ++k) {
    ++count[task.label_of(k)];
    same += task.label_of(k) == other.label_of(k);
    in_order += task.label_of(k) == k % 32;
  }
  CHECK(count.size() == 32);
  for (const auto& [label, classes] : count) CHECK(classes == 4);
  CHECK(same < 15); // 4 by chance
  CHECK(in_order < 15);
}

TEST_CASE("items scatter around the mean of their class") {
  auto settings = with(1, 0);
  settings.item_noise = 0.5;
  const InContextClassification task(settings, 1);
  const auto batch = task.training_batch(1, 0, 2000);
  std::map<std::int64_t, std::vector<std::vector<double>>> items;
  for (std::size_t i = 0; i < 2000; ++i)
    for (std::size_t pair = 0; pair <= pairs; ++pair)
      items[batch.tokens[i * length + 2 * pair]].push_back(item(batch, i, pair));
  CHECK(items.size() == 128);
  // Entries are N(0, 1/D) altogether; (μ + ε η) / √(1 + ε²) splits them into 1 : ε² between and within
  // classes.
  std::vector<double> means, deviations;
  for (const auto& [k, members] : items) {
    const auto count = static_cast<double>(members.size());
    for (std::size_t entry = 0; entry < width; ++entry) {
      double mean = 0;
      for (const auto& member : members) mean += member[entry] / count;
      means.push_back(mean * std::sqrt(1.25 * width / (1 + 0.25 / count)));
      for (std::size_t i = 0; i < 2; ++i)
        deviations.push_back((members[i][entry] - mean) * std::sqrt(1.25 * width / (0.25 * (1 - 1 / count))));
    }
  }
  CHECK(statistics::kolmogorov_smirnov(means, statistics::normal_cdf) < 1.95);
  CHECK(statistics::kolmogorov_smirnov(deviations, statistics::normal_cdf) < 1.95);
}

TEST_CASE("bursty sequences show each of their classes so often, the query's among them") {
  const InContextClassification task(with(1, 0), 1);
  std::map<std::int64_t, double> queries;
  double first = 0, query_first = 0;
  for (const auto& read : sequences(task.training_batch(1, 0, 4000))) {
    REQUIRE(read.counts().size() == 2);
    REQUIRE(read.bursty());
    REQUIRE(read.shows_query());
    ++queries[read.query];
    first += read.classes[0] == read.classes[1]; // in random order: 3 of the other 7
    query_first += read.classes[0] == read.query;
  }
  CHECK(first / 4000 == Approx(3 / 7.0).margin(0.03));
  CHECK(query_first / 4000 == Approx(0.5).margin(0.03));
  double chi_square = 0;
  for (std::int64_t k = 0; k < 128; ++k) chi_square += std::pow(queries[k] - 31.25, 2) / 31.25;
  CHECK(chi_square < 182); // 127 degrees of freedom: above in 1 of 1000 cases

  auto settings = with(1, 0);
  for (const std::int64_t burstiness : {1, 2, 8}) {
    settings.burstiness = burstiness;
    const InContextClassification other(settings, 1);
    const auto batch = other.training_batch(1, 0, 200);
    for (std::size_t i = 0; i < 200; ++i) {
      const auto read = sequence(batch, i, 128 + 8 / burstiness);
      REQUIRE(read.bursty(static_cast<int>(burstiness)));
      REQUIRE(read.shows_query());
      REQUIRE(read.labels[0] == other.label_of(read.classes[0]));
    }
  }
}

TEST_CASE("other sequences draw all classes independently by the power law") {
  const InContextClassification task(with(0, 0, 1), 1);
  const auto read = sequences(task.training_batch(1, 0, 10000));
  double total = 0;
  for (int k = 1; k <= 128; ++k) total += 1.0 / k;
  std::map<std::int64_t, double> queries, shown;
  double repeated = 0;
  for (const auto& sequence : read) {
    ++queries[sequence.query];
    for (const auto k : sequence.classes) ++shown[k];
    repeated += sequence.query == sequence.classes[0];
  }
  double chi_square = 0, square = 0;
  for (int k = 1; k <= 128; ++k) {
    const double expected = 10000 / (k * total);
    chi_square += std::pow(queries[k - 1] - expected, 2) / expected;
    square += 1 / (k * k * total * total);
    CHECK(shown[k - 1] == Approx(8 * expected).margin(5 * std::sqrt(8 * expected)));
  }
  CHECK(chi_square < 182);
  CHECK(repeated / 10000 == Approx(square).margin(0.01)); // independent of one another
}

TEST_CASE("shares of bursty and of fresh sequences are as set") {
  const InContextClassification task(with(0.6, 0.25), 1);
  double bursty = 0, fresh = 0;
  std::map<std::int64_t, double> labels;
  const auto batch = task.training_batch(1, 0, 4000);
  for (std::size_t i = 0; i < 4000; ++i) {
    const auto read = sequence(batch, i);
    bursty += read.bursty();
    if (read.classes[0] < 128) continue;
    ++fresh;
    REQUIRE(read.bursty());
    REQUIRE(read.shows_query());
    std::map<std::int64_t, std::int64_t> label_of;
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      REQUIRE(read.classes[pair] >= 128);
      REQUIRE(label_of.emplace(read.classes[pair], read.labels[pair]).first->second == read.labels[pair]);
    }
    REQUIRE(label_of.at(read.query) == read.answer);
    for (const auto& [k, label] : label_of) ++labels[label];
  }
  CHECK(bursty / 4000 == Approx(0.25 + 0.75 * 0.6).margin(0.035));
  CHECK(fresh / 4000 == Approx(0.25).margin(0.03));
  double chi_square = 0;
  for (std::int64_t label = 0; label < 32; ++label)
    chi_square += std::pow(labels[label] - fresh / 16, 2) / (fresh / 16);
  CHECK(chi_square < 61.1); // 31 degrees of freedom
}

TEST_CASE("fresh classes look alike within a sequence and never come again") {
  auto settings = with(1, 1);
  settings.item_noise = 0;
  const InContextClassification task(settings, 1);
  const auto batch = task.training_batch(1, 0, 300);
  std::set<std::vector<double>> looks;
  for (std::size_t i = 0; i < 300; ++i) {
    std::map<std::int64_t, std::vector<double>> look;
    for (std::size_t pair = 0; pair <= pairs; ++pair) {
      const auto k = batch.tokens[i * length + 2 * pair];
      REQUIRE(look.emplace(k, item(batch, i, pair)).first->second == item(batch, i, pair));
    }
    for (const auto& [k, vector] : look) REQUIRE(looks.insert(vector).second);
  }
}

TEST_CASE("classification sequences are a function of seeds, step and index alone") {
  const InContextClassification task(with(0.5, 0.2), 1), again(with(0.5, 0.2), 1), other(with(0.5, 0.2), 2);
  const auto batch = task.training_batch(3, 100, 50);
  CHECK(begins_with(again.training_batch(3, 100, 50), batch));
  CHECK(begins_with(batch, task.training_batch(3, 100, 7)));
  CHECK_FALSE(task.training_batch(3, 101, 50).items == batch.items);
  CHECK_FALSE(task.training_batch(4, 100, 50).items == batch.items);
  CHECK_FALSE(other.training_batch(3, 100, 50).items == batch.items);
  const auto validation = task.validation_set(40);
  CHECK(begins_with(again.validation_set(40), validation));
  CHECK(begins_with(validation, task.validation_set(9)));
  const auto sets = task.more_sets(40), fewer = task.more_sets(9);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(begins_with(sets[i].batch, fewer[i].batch));
    CHECK_FALSE(sets[i].batch.items == validation.items);
  }
}

TEST_CASE("further sets ask for what the context, or the weights, or labels swapped tell") {
  const InContextClassification task(with(0.5, 0, 1), 1);
  const auto sets = task.more_sets(1000);
  REQUIRE(sets.size() == 3);
  for (const auto& read : sequences(set(sets, "in-context"))) {
    REQUIRE(read.bursty());
    REQUIRE(read.shows_query());
    REQUIRE(*std::ranges::min_element(read.classes) >= 128);
  }
  std::map<std::int64_t, double> queries;
  for (const auto& read : sequences(set(sets, "in-weights"))) {
    REQUIRE_FALSE(read.shows_query());
    REQUIRE(*std::ranges::max_element(read.classes) < 128);
    REQUIRE(read.answer == task.label_of(read.query));
    for (std::size_t pair = 0; pair < pairs; ++pair)
      REQUIRE(read.labels[pair] == task.label_of(read.classes[pair]));
    ++queries[read.query];
  }
  double total = 0;
  for (int k = 1; k <= 128; ++k) total += 1.0 / k;
  CHECK(queries[0] / 1000 == Approx(1 / total).margin(0.05));
  for (const auto& read : sequences(set(sets, "swapped-labels"))) {
    REQUIRE(read.bursty());
    REQUIRE(read.shows_query());
    REQUIRE(read.query < 128);
    REQUIRE(read.answer == (task.label_of(read.query) + 1) % 32);
    for (std::size_t pair = 0; pair < pairs; ++pair)
      REQUIRE(read.labels[pair] == (task.label_of(read.classes[pair]) + 1) % 32);
  }
}

TEST_CASE("guides of classification are what the labels shown tell") {
  for (const double smoothing : {0.0, 0.1})
    for (const auto& settings : {with(1, 0), with(0.7, 0.2, 1)}) {
      const InContextClassification task(settings, 1);
      const auto info = task.info(1, smoothing);
      // The labels' frequencies by heart, counted rather than derived.
      std::vector<double> by_heart(32);
      const InContextClassification plain(with(0, 0, settings.class_exponent), 1);
      for (const auto& read : sequences(plain.training_batch(9, 9, 40000)))
        by_heart[static_cast<std::size_t>(read.answer)] += 1 / 40000.0;
      double loss = 0, smoothed = 0, right = 0;
      const auto all = sequences(task.validation_set(8000));
      for (const auto& read : all) {
        std::vector<double> p(32);
        if (read.bursty())
          for (const auto label : read.labels) p[static_cast<std::size_t>(label)] += 1 / 8.0;
        else
          p = by_heart;
        const auto answer = static_cast<std::size_t>(read.answer);
        for (std::size_t label = 0; label < 32; ++label) {
          const double predicted = (1 - smoothing) * p[label] + smoothing / 32;
          const double truth = (1 - smoothing) * (label == answer) + smoothing / 32;
          if (truth > 0) smoothed -= truth * std::log(predicted) / 8000;
          if (label == answer) loss -= std::log(predicted) / 8000;
        }
        right += (std::ranges::max_element(p) - p.begin() == read.answer) / 8000.0;
      }
      const std::string level = "one of the labels shown";
      CHECK(guide(info, "loss/train", level) == Approx(smoothed).margin(0.04));
      CHECK(guide(info, "loss/validation", level) == Approx(loss).margin(0.04));
      CHECK(guide(info, "accuracy/late", level) == Approx(right).margin(0.02));
      CHECK(guide(info, "loss/validation", "knowing nothing") == Approx(std::log(32)));
      CHECK(guide(info, "accuracy/in-weights", "chance") == 1 / 32.0);
    }
}

TEST_CASE("the level of two classes shown is exact where labels can be counted") {
  // Two different classes of 4 that have 4 labels: always two labels, so ln 2 and one half.
  auto settings = with(1, 0);
  settings.item_classes = settings.item_labels = 4;
  const auto levels = InContextClassification(settings, 1).shown_labels(0);
  CHECK(levels.training_loss == Approx(std::log(2)));
  CHECK(levels.validation_loss == Approx(std::log(2)));
  CHECK(levels.accuracy == 0.5);
  settings.bursty_share = 0; // each label as frequent as any other
  const auto blind = InContextClassification(settings, 1).shown_labels(0.1);
  CHECK(blind.training_loss == Approx(std::log(4)));
  CHECK(blind.accuracy == 0.25);
}

TEST_CASE("a classification answer is judged at the query") {
  const InContextClassification task(classification(), 1);
  const auto batch = task.validation_set(4);
  std::vector<std::int64_t> answers(batch.labels.size());
  for (std::size_t i = 0; i < 3; ++i) answers[i * length + 16] = batch.labels[i * length + 16];
  answers[3 * length + 16] = (batch.labels[3 * length + 16] + 1) % 32;
  const auto metrics = task.measure(batch, {.classes = answers, .logits = {}});
  REQUIRE(metrics.size() == 1);
  CHECK(metrics[0].first == "accuracy/late");
  CHECK(metrics[0].second == 0.75);
  CHECK(task.detector().watches == analysis::DetectorOptions::Watches::Plateaus);
}

TEST_CASE("info describes classification sequences") {
  const InContextClassification task(with(0.5, 0.2), 1);
  const auto info = task.info(6, 0);
  CHECK(info.title == "Classification in context");
  CHECK(info.data == "8 pairs and a query, 128 classes, 32 labels; 60 % bursty with 2 classes, 20 % fresh");
  REQUIRE(info.vocabulary.size() == 128 + 2 + 32);
  CHECK(info.vocabulary[17] == "c17");
  CHECK(info.vocabulary[129] == "new 2");
  CHECK(info.vocabulary[135] == "→5");
  const auto batch = task.validation_set(6);
  REQUIRE(info.tokens->shape == std::vector<std::int64_t>{6, 17});
  for (std::size_t i = 0; i < 6; ++i) {
    const auto read = sequence(batch, i);
    CHECK(info.targets[i] == read.answer);
    CHECK(info.input_labels[i] ==
          info.vocabulary[static_cast<std::size_t>(read.query)] + " →" + std::to_string(read.answer));
  }
}

TEST_CASE("classification settings that do not go together are refused") {
  auto settings = classification();
  const auto refused = [&] {
    return scratch::message<InputError>([&] { InContextClassification(settings, 0); });
  };
  settings.burstiness = 3;
  CHECK(refused() == "task.pairs = 8 must be a multiple of task.burstiness = 3");
  settings.burstiness = 1;
  settings.item_classes = 7;
  CHECK(scratch::contains(refused(), "task.item_classes = 7 are fewer than"));
}
