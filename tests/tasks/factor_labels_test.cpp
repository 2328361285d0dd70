#include "engine/tasks/factor_labels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/catch.h"
#include "tests/tasks/statistics.h"

using namespace plateau;
using tasks::FactorLabels;

namespace {

constexpr std::size_t pairs = 12, length = 24, width = 8, factors = 3;

study::TaskSettings labels(std::int64_t mappings = 2000) {
  study::TaskSettings settings;
  settings.kind = "factor-labels";
  settings.pairs = 12;
  settings.item_width = 8;
  settings.validation_share = 0.2;
  settings.mappings = mappings;
  return settings;
}

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  const auto starts = [](const auto& all, const auto& first) {
    return std::equal(first.begin(), first.end(), all.begin());
  };
  return starts(whole.items, part.items) && starts(whole.tokens, part.tokens) &&
         starts(whole.labels, part.labels) && starts(whole.attributes, part.attributes) &&
         starts(whole.rules, part.rules);
}

/// The level of the rule's factor of an item, of (sample, pair).
std::size_t value(const tasks::Batch& batch, std::size_t sample, std::size_t pair) {
  return static_cast<std::size_t>(batch.attributes[(sample * length + 2 * pair) * factors +
                                                   static_cast<std::size_t>(batch.rules[sample])]);
}
std::int64_t shown(const tasks::Batch& batch, std::size_t sample, std::size_t pair) {
  return batch.tokens[sample * length + 2 * pair + 1] - 64;
}
std::int64_t asked(const tasks::Batch& batch, std::size_t sample, std::size_t pair) {
  return batch.labels[sample * length + 2 * pair];
}

/// The share of a batch's samples whose labels shown are all those of this mapping.
double share_of_mapping(const FactorLabels& task, const tasks::Batch& batch, std::int64_t number) {
  double found = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count); ++i) {
    const auto table = task.mapping(number, batch.rules[i]);
    bool same = true;
    for (std::size_t pair = 0; pair < pairs; ++pair)
      same = same && shown(batch, i, pair) == table[value(batch, i, pair)];
    found += same;
  }
  return found / static_cast<double>(batch.count);
}

} // namespace

TEST_CASE("a sequence of factor labels shows items and the labels of one factor") {
  const FactorLabels task(labels(), 1);
  const auto shape = task.shape();
  CHECK(shape.kind == tasks::InputShape::Kind::Pairs);
  CHECK(shape.vocabulary == 4);
  CHECK(shape.positions == 24);
  CHECK(shape.outputs == 24);
  CHECK(shape.item_width == 8);
  CHECK(task.classes() == 4);
  CHECK(task.extra_outputs() == tasks::ExtraOutputs{3, 4, 3});
  const std::size_t count = 4000;
  const auto batch = task.training_batch(1, 0, count);
  REQUIRE(batch.items.size() == count * length * width);
  REQUIRE(batch.tokens.size() == count * length);
  REQUIRE(batch.labels.size() == count * length);
  REQUIRE(batch.attributes.size() == count * length * factors);
  REQUIRE(batch.rules.size() == count);
  std::map<std::int64_t, double> rules, answers;
  std::vector<double> noise;
  for (std::size_t i = 0; i < count; ++i) {
    ++rules[batch.rules[i]];
    std::map<std::size_t, std::int64_t> mapping;
    std::set<std::int64_t> used;
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      const std::size_t row = i * length + 2 * pair;
      const auto cell = batch.tokens[row];
      for (std::size_t f = 0; f < factors; ++f) {
        REQUIRE(batch.attributes[row * factors + f] == task.grid().level(cell, static_cast<std::int64_t>(f)));
        REQUIRE(batch.attributes[(row + 1) * factors + f] == -1);
      }
      REQUIRE(batch.labels[row] == shown(batch, i, pair));
      REQUIRE(batch.labels[row + 1] == -1);
      const auto [known, is_new] = mapping.emplace(value(batch, i, pair), batch.labels[row]);
      REQUIRE(known->second == batch.labels[row]); // one value, one label
      if (is_new) REQUIRE(used.insert(batch.labels[row]).second);
      ++answers[batch.labels[row]];
      REQUIRE(batch.items[(row + 1) * width] == static_cast<float>(batch.labels[row]));
      for (std::size_t k = 0; k < width; ++k) {
        if (k > 0) REQUIRE(batch.items[(row + 1) * width + k] == 0);
        noise.push_back((static_cast<double>(batch.items[row * width + k]) - task.grid().item(cell)[k]) /
                        0.1);
      }
    }
  }
  for (std::int64_t rule = 0; rule < 3; ++rule) CHECK(rules[rule] == Approx(count / 3.0).margin(120));
  for (std::int64_t label = 0; label < 4; ++label) // 48 000 labels, in clusters
    CHECK(answers[label] / (count * pairs) == Approx(0.25).margin(0.015));
  noise.resize(20000);
  CHECK(statistics::kolmogorov_smirnov(noise, statistics::normal_cdf) < 1.95);
}

TEST_CASE("factor labels are a function of seeds, step and index alone") {
  const FactorLabels task(labels(), 1), again(labels(), 1), other(labels(), 2);
  const auto batch = task.training_batch(3, 100, 50);
  const auto same = [](const tasks::Batch& a, const tasks::Batch& b) {
    return a.count == b.count && begins_with(a, b);
  };
  CHECK(same(again.training_batch(3, 100, 50), batch));
  CHECK(begins_with(batch, task.training_batch(3, 100, 7)));
  CHECK_FALSE(task.training_batch(3, 101, 50).items == batch.items);
  CHECK_FALSE(task.training_batch(4, 100, 50).items == batch.items);
  CHECK_FALSE(other.training_batch(3, 100, 50).items == batch.items);
  const auto set = task.validation_set(40);
  CHECK(same(again.validation_set(40), set));
  CHECK(begins_with(set, task.validation_set(9)));
  CHECK_FALSE(other.validation_set(40).items == set.items); // other items, asked about as often
  CHECK(other.validation_set(40).rules == set.rules);
  const auto sets = task.more_sets(40), fewer = task.more_sets(9);
  for (std::size_t i = 0; i < 3; ++i) CHECK(begins_with(sets[i].batch, fewer[i].batch));
}

TEST_CASE("training and validation share no cell, and use all of theirs") {
  const FactorLabels task(labels(), 4);
  const auto cells = [](const tasks::Batch& batch) {
    std::set<std::int64_t> seen;
    for (std::size_t row = 0; row < batch.tokens.size(); row += 2) seen.insert(batch.tokens[row]);
    return seen;
  };
  const auto all = [](std::span<const std::int64_t> part) {
    return std::set<std::int64_t>(part.begin(), part.end());
  };
  CHECK(cells(task.training_batch(1, 0, 500)) == all(task.grid().training()));
  CHECK(cells(task.validation_set(500)) == all(task.grid().held_out()));
  for (const auto& [name, batch] : task.more_sets(500)) CHECK(cells(batch) == all(task.grid().held_out()));
}

TEST_CASE("mappings are permutations, and a sequence draws one of them") {
  const FactorLabels task(labels(3), 1);
  std::map<std::vector<std::int64_t>, double> count;
  for (std::int64_t number = 0; number < 6000; ++number)
    for (std::int64_t factor = 0; factor < 2; ++factor) ++count[task.mapping(number, factor)];
  CHECK(count.size() == 24);
  double chi_square = 0;
  for (const auto& [mapping, times] : count) {
    CHECK(std::set<std::int64_t>(mapping.begin(), mapping.end()) == std::set<std::int64_t>{0, 1, 2, 3});
    chi_square += std::pow(times - 500, 2) / 500;
  }
  CHECK(chi_square < 49.7); // 23 degrees of freedom: above in 1 of 1000 cases
  const auto batch = task.training_batch(1, 0, 3000);
  double shares = 0;
  for (std::int64_t number = 0; number < 3; ++number) shares += share_of_mapping(task, batch, number);
  CHECK(shares >= 1); // one may agree with another by chance
  for (std::int64_t number = 0; number < 3; ++number) CHECK(share_of_mapping(task, batch, number) > 0.3);
}

TEST_CASE("the fixed mapping comes in its share, and leaves all else as it is") {
  const FactorLabels task(labels(), 1);
  const auto none = task.training_batch(1, 0, 2000), half = task.training_batch(1, 0, 2000, 0.5),
             all = task.training_batch(1, 0, 2000, 1);
  const double chance =
      share_of_mapping(task, none, 0); // a permutation of four is any other in 1 of 24 cases
  CHECK(chance == Approx(1 / 24.0).margin(0.03));
  CHECK(share_of_mapping(task, half, 0) == Approx(0.5 + 0.5 / 24).margin(0.05));
  CHECK(share_of_mapping(task, all, 0) == 1);
  CHECK(half.rules == none.rules);
  CHECK(half.attributes == none.attributes);
  CHECK(all.attributes == none.attributes);
  const FactorLabels only(labels(1), 1);
  CHECK(share_of_mapping(only, only.training_batch(1, 0, 500), 0) == 1);
  CHECK(share_of_mapping(only, only.validation_set(500), 0) == 1);
}

TEST_CASE("further sets tell weights and context apart") {
  const FactorLabels task(labels(1), 3); // one mapping in training: the fixed one
  const auto validation = task.validation_set(1000);
  const auto sets = task.more_sets(1000);
  REQUIRE(sets.size() == 3);
  CHECK(sets[0].name == "fixed-mapping");
  CHECK(sets[1].name == "in-context");
  CHECK(sets[2].name == "in-weights");
  for (const auto& [name, batch] : sets) {
    CHECK(batch.rules == validation.rules);
    CHECK(batch.attributes == validation.attributes);
    for (std::size_t row = 0; row < batch.labels.size(); ++row) // of 12 pairs the last 3
      REQUIRE((batch.labels[row] >= 0) == (row % length >= 18 && row % 2 == 0));
  }
  const auto shares = [&](const tasks::Batch& batch) { // of labels asked for: as shown; of mapping 0
    double as_shown = 0, fixed = 0;
    for (std::size_t i = 0; i < 1000; ++i)
      for (std::size_t pair = 9; pair < 12; ++pair) {
        as_shown += (asked(batch, i, pair) == shown(batch, i, pair)) / 3000.0;
        fixed += (asked(batch, i, pair) == task.mapping(0, batch.rules[i])[value(batch, i, pair)]) / 3000.0;
      }
    return std::pair{as_shown, fixed};
  };
  CHECK(share_of_mapping(task, sets[0].batch, 0) == 1);
  CHECK(shares(sets[0].batch).first == Approx(1));
  CHECK(shares(sets[0].batch).second == Approx(1));
  CHECK(share_of_mapping(task, sets[1].batch, 0) < 0.1); // 1 / 24 by chance
  CHECK(shares(sets[1].batch).first == Approx(1));
  CHECK(shares(sets[1].batch).second == Approx(0.25).margin(0.05));
  CHECK(shares(sets[2].batch).first == Approx(0.25).margin(0.05));
  CHECK(shares(sets[2].batch).second == Approx(1));
  CHECK(sets[1].batch.tokens == sets[2].batch.tokens); // what is shown is the same
  CHECK(sets[1].batch.items == sets[2].batch.items);
}

TEST_CASE("a reader of the context alone is right where a value came before") {
  // The answer that the context gives: an independent reading of the whole construction, from tokens.
  const FactorLabels task(labels(), 1);
  const auto batch = task.validation_set(2000);
  std::vector<std::int64_t> classes(batch.labels.size());
  for (std::size_t i = 0; i < 2000; ++i)
    for (std::size_t pair = 0; pair < pairs; ++pair)
      for (std::size_t before = 0; before < pair; ++before)
        if (value(batch, i, before) == value(batch, i, pair))
          classes[i * length + 2 * pair] = shown(batch, i, before);
  const std::vector<float> logits(batch.labels.size() * 4);
  const auto metrics = task.measure(batch, {.classes = classes, .logits = logits});
  std::map<std::string, double> by_name(metrics.begin(), metrics.end());
  CHECK(by_name.size() == 25);
  // Right with probability 1 where the value came before, else if its label is 0, in 1 of 4 cases.
  double late = 0;
  for (int before = 0; before < 12; ++before) {
    double expected = 0;
    for (std::int64_t factor = 0; factor < 3; ++factor) {
      std::vector<double> frequency(4);
      for (const auto cell : task.grid().held_out())
        frequency[static_cast<std::size_t>(task.grid().level(cell, factor))] += 1 / 13.0;
      for (const double q : frequency) expected += q * (1 - 0.75 * std::pow(1 - q, before)) / 3;
    }
    CHECK(by_name.at("context/accuracy/position" + std::to_string(before + 1)) ==
          Approx(expected).margin(0.035));
    if (before >= 9) late += expected / 3;
  }
  CHECK(by_name.at("accuracy/late") == Approx(late).margin(0.02));
  for (int i = 1; i <= 12; ++i)
    CHECK(by_name.at("context/loss/position" + std::to_string(i)) == Approx(std::log(4)).epsilon(1e-12));
}

TEST_CASE("the plateau of factor labels is at the labels' frequencies") {
  const FactorLabels task(labels(), 1);
  const auto options = task.detector();
  CHECK(options.watches == analysis::DetectorOptions::Watches::InContext);
  CHECK(options.plateau_loss == Approx(std::log(4)));
  CHECK(options.chance == 0.25);
}

TEST_CASE("info describes factor labels") {
  const FactorLabels task(labels(), 1);
  const auto info = task.info(5, 0.1);
  CHECK(info.title == "Labels of a factor, in context");
  CHECK(info.data ==
        "12 pairs of items from a grid of 64 cells (3 factors of 4 levels), 13 held out; 2000 mappings");
  REQUIRE(info.vocabulary.size() == 68);
  CHECK(info.vocabulary[0] == "0·0·0");
  CHECK(info.vocabulary[35] == "2·0·3");
  CHECK(info.vocabulary[65] == "→1");
  CHECK(info.classes == std::vector<std::string>{"→0", "→1", "→2", "→3"});
  REQUIRE(info.guides.size() == 4);
  std::map<std::string, double> guides;
  for (const auto& guide : info.guides) guides[guide.metric] = guide.value;
  CHECK(guides.at("loss/train") == Approx(std::log(4)));
  CHECK(guides.at("loss/validation") == Approx(std::log(4)));
  CHECK(guides.at("accuracy/validation") == 0.25);
  CHECK(guides.at("accuracy/late") == 0.25);
  const auto batch = task.validation_set(20);
  REQUIRE(info.tokens->shape == std::vector<std::int64_t>{5, 24});
  for (std::size_t i = 0; i < 120; ++i) REQUIRE(info.tokens->data[i] == static_cast<float>(batch.tokens[i]));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(info.targets[i] == asked(batch, i, 11));
    CHECK(info.input_labels[i].starts_with("factor " + std::to_string(batch.rules[i] + 1) + ": 0→"));
    for (std::size_t pair = 0; pair < pairs; ++pair) // every pair shown agrees with the mapping named
      CHECK(info.input_labels[i].find(" " + std::to_string(value(batch, i, pair)) + "→" +
                                      std::to_string(shown(batch, i, pair))) != std::string::npos);
  }
}
