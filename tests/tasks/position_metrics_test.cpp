#include "engine/tasks/position_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/catch.h"

using namespace plateau;

namespace {

/// Two sequences of four outputs with three classes; answers that are right at known places.
struct Example {
  tasks::Batch batch;
  std::vector<std::int64_t> classes = {0, 1, 2, 0, /**/ 1, 1, 1, 1};
  std::vector<float> logits;
  Example() {
    batch.count = 2;
    batch.labels = {0, -1, 1, 0, /**/ 2, 1, 1, -1};
    for (int i = 0; i < 24; ++i) logits.push_back(static_cast<float>(std::sin(3.7 * i) * 5));
  }
  tasks::Answers answers() const { return {.classes = classes, .logits = logits}; }
  /// By the definition, -ln softmax.
  double loss(std::size_t row) const {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::exp(static_cast<double>(logits[3 * row + c]));
    return -std::log(
        std::exp(static_cast<double>(logits[3 * row + static_cast<std::size_t>(batch.labels[row])])) / sum);
  }
};

std::map<std::string, double> by_name(const tasks::Metrics& metrics) {
  return {metrics.begin(), metrics.end()};
}

} // namespace

TEST_CASE("the last quarter is late, one place at least") {
  for (const auto& [questions, first] :
       {std::pair{1, 0}, {2, 1}, {3, 2}, {4, 3}, {7, 6}, {8, 6}, {12, 9}, {64, 48}})
    CHECK(tasks::first_late(questions) == first);
  CHECK(tasks::late_pairs(12).begin == 18);
  CHECK(tasks::late_pairs(12).end == 24);
}

TEST_CASE("accuracy and loss by place count what is asked for there") {
  const Example example;
  const auto accuracy = [&](tasks::Places places) {
    return tasks::accuracy_at(example.batch, example.answers(), places);
  };
  const auto loss = [&](tasks::Places places) {
    return tasks::loss_at(example.batch, example.answers(), 3, places);
  };
  CHECK(accuracy({0, 1}) == 0.5);
  CHECK(accuracy({1, 2}) == 1);
  CHECK(accuracy({2, 3}) == 0.5);
  CHECK(accuracy({0, 4}) == Approx(4 / 6.0));
  CHECK(accuracy({0, 4, 2}) == 0.5);
  CHECK(accuracy({0, 100}) == Approx(4 / 6.0));
  CHECK(loss({0, 1}) == Approx((example.loss(0) + example.loss(4)) / 2).epsilon(1e-12));
  CHECK(loss({1, 2}) == Approx(example.loss(5)).epsilon(1e-12));
  CHECK(loss({2, 4}) == Approx((example.loss(2) + example.loss(3) + example.loss(6)) / 3).epsilon(1e-12));
  Example none;
  none.batch.labels.assign(8, -1);
  CHECK(std::isnan(tasks::accuracy_at(none.batch, none.answers(), {0, 4})));
}

TEST_CASE("large logits have finite losses") {
  Example example;
  for (float& logit : example.logits) logit *= 1e4F;
  const double loss = tasks::loss_at(example.batch, example.answers(), 3, {0, 4});
  double expected = 0; // of such logits: the largest less the label's
  for (const std::size_t row : {0U, 2U, 3U, 4U, 5U, 6U}) {
    const float* z = example.logits.data() + 3 * row;
    expected += (static_cast<double>(std::max({z[0], z[1], z[2]})) -
                 static_cast<double>(z[example.batch.labels[row]])) /
                6;
  }
  CHECK(expected > 1000);
  CHECK(loss == Approx(expected).epsilon(1e-9));
}

TEST_CASE("labels elsewhere are taken away") {
  Example example;
  tasks::ask_only(example.batch, {2, 4, 2});
  CHECK(example.batch.labels == std::vector<std::int64_t>{-1, -1, 1, -1, /**/ -1, -1, 1, -1});
}

TEST_CASE("metrics of pairs are those of each item, and of the last quarter") {
  Example example;
  example.batch.labels = {0, -1, 1, -1, /**/ 2, -1, 1, -1};
  const auto metrics = by_name(tasks::pair_metrics(example.batch, example.answers(), 3, 2));
  CHECK(metrics.size() == 5);
  CHECK(metrics.at("accuracy/late") == 0.5);
  CHECK(metrics.at("context/accuracy/position1") == 0.5);
  CHECK(metrics.at("context/accuracy/position2") == 0.5);
  CHECK(metrics.at("context/loss/position1") == Approx((example.loss(0) + example.loss(4)) / 2));
  CHECK(metrics.at("context/loss/position2") == Approx((example.loss(2) + example.loss(6)) / 2));
}

TEST_CASE("metrics of long sequences are at doubling places") {
  tasks::Batch batch;
  batch.count = 1;
  batch.labels.assign(40, 0);
  const std::vector<std::int64_t> classes(40);
  std::vector<float> logits;
  for (int i = 0; i < 40; ++i) logits.insert(logits.end(), {static_cast<float>(0.1 * i), 0.0F});
  const tasks::Answers answers{.classes = classes, .logits = logits};
  const auto metrics = by_name(tasks::doubling_metrics(batch, answers, 2, 40));
  CHECK(metrics.size() == 8);
  CHECK(metrics.at("accuracy/late") == 1);
  for (const auto& [last, window] : {std::pair{1, 1}, {2, 1}, {4, 1}, {8, 1}, {16, 2}, {32, 4}, {40, 5}}) {
    double mean = 0;
    for (int i = last - window; i < last; ++i)
      mean += std::log(1 + std::exp(-static_cast<double>(logits[static_cast<std::size_t>(2 * i)]))) / window;
    CHECK(metrics.at("context/loss/position" + std::to_string(last)) == Approx(mean).epsilon(1e-12));
  }
}
