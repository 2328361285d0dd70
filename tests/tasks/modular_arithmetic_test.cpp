#include "engine/tasks/modular_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using tasks::ModularArithmetic;

namespace {

study::TaskSettings arithmetic(const char* operation = "add", std::int64_t modulus = 59,
                               double share = 0.35) {
  study::TaskSettings settings;
  settings.kind = "modular-arithmetic";
  settings.operation = operation;
  settings.modulus = modulus;
  settings.train_share = share;
  return settings;
}

using Pair = std::pair<std::int64_t, std::int64_t>;

std::vector<Pair> pairs(const tasks::Batch& batch) {
  std::vector<Pair> result;
  for (std::size_t i = 0; i < batch.labels.size(); ++i)
    result.emplace_back(batch.tokens[3 * i], batch.tokens[3 * i + 1]);
  return result;
}

std::set<Pair> set_of(const tasks::Batch& batch) {
  const auto list = pairs(batch);
  return {list.begin(), list.end()};
}

constexpr std::int64_t everything = 1'000'000;

double guide(const training::TaskInfo& info, const std::string& metric, const std::string& start) {
  for (const auto& guide : info.guides)
    if (guide.metric == metric && guide.label.starts_with(start)) return guide.value;
  FAIL("no guide " << start << " for " << metric);
  return 0;
}

} // namespace

TEST_CASE("equations are a, b and the sign, and their class is the result") {
  for (const char* operation : {"add", "subtract", "multiply", "divide", "quadratic"}) {
    const ModularArithmetic task(arithmetic(operation, 11), 3);
    const auto shape = task.shape();
    CHECK(shape.kind == tasks::InputShape::Kind::Tokens);
    CHECK(shape.vocabulary == 12);
    CHECK(shape.positions == 3);
    CHECK(shape.outputs == 1);
    CHECK(task.classes() == 12);
    CHECK(task.detector().watches == analysis::DetectorOptions::Watches::Generalisation);
    const tasks::ModularOperation result(operation, 11);
    for (const auto& batch : {task.training_batch(0, 0, everything), task.validation_set(everything)}) {
      REQUIRE(batch.tokens.size() == 3 * batch.labels.size());
      REQUIRE(std::ssize(batch.labels) == batch.count);
      for (std::size_t i = 0; i < batch.labels.size(); ++i) {
        REQUIRE(batch.tokens[3 * i + 2] == 11);
        REQUIRE(batch.labels[i] == result(batch.tokens[3 * i], batch.tokens[3 * i + 1]));
      }
    }
  }
}

TEST_CASE("the split of the pairs is complete, disjoint and as large as the paper's") {
  for (const char* operation : {"add", "divide"}) {
    const bool division = std::string(operation) == "divide";
    const ModularArithmetic task(arithmetic(operation, 113, 0.3), 456);
    const auto training = task.training_batch(1, 2, everything), test = task.validation_set(everything);
    if (!division) {
      CHECK(training.count == 3831);
      CHECK(test.count == 8938);
    }
    CHECK(task.training_set_size() == training.count);
    auto all = set_of(training);
    CHECK(std::ssize(all) == training.count);
    all.merge(set_of(test));
    CHECK(std::ssize(all) == training.count + test.count);
    CHECK(all.size() == (division ? 113 * 112 : 113 * 113));
    for (const auto& [a, b] : all) REQUIRE((a >= 0 && a < 113 && b >= division && b < 113));
  }
}

TEST_CASE("a share of the pairs that is a whole number is not rounded away") {
  // In floating point 1 - 0.8 is a little less than 0.2.
  CHECK(ModularArithmetic(arithmetic("add", 5, 0.8), 0).training_set_size() == 20);
  CHECK(ModularArithmetic(arithmetic("add", 59, 0.35), 0).training_set_size() == 3481 - 2262);
  for (const double share : {0.01, 0.99}) { // never nothing
    const ModularArithmetic task(arithmetic("add", 5, share), 0);
    CHECK(task.training_set_size() == (share < 0.5 ? 1 : 24));
    CHECK(task.validation_set(everything).count == (share < 0.5 ? 24 : 1));
  }
}

TEST_CASE("the seed decides which pairs are trained on, evenly, and shares are nested") {
  std::vector<int> trained(49);
  for (int seed = 0; seed < 2000; ++seed)
    for (const auto& [a, b] :
         pairs(ModularArithmetic(arithmetic("add", 7, 0.4), seed).training_batch(0, 0, 99)))
      ++trained[static_cast<std::size_t>(7 * a + b)];
  // 20 of 49: 816 times each, standard deviation 22.
  for (const int times : trained) CHECK(std::abs(times - 2000 * 20 / 49.) < 4.5 * 22);

  const ModularArithmetic small(arithmetic("add", 59, 0.3), 5), large(arithmetic("add", 59, 0.5), 5);
  const auto less = set_of(small.training_batch(0, 0, everything)),
             more = set_of(large.training_batch(0, 0, everything));
  CHECK(std::ranges::includes(more, less));
  CHECK(set_of(ModularArithmetic(arithmetic("add", 59, 0.3), 5).training_batch(0, 0, everything)) == less);
  CHECK(set_of(ModularArithmetic(arithmetic("add", 59, 0.3), 6).training_batch(0, 0, everything)) != less);
}

TEST_CASE("the whole training set is one fixed batch, smaller ones are drawn without replacement") {
  const ModularArithmetic task(arithmetic("add", 23), 1);
  const auto whole = task.training_batch(0, 0, task.training_set_size());
  CHECK(whole.count == task.training_set_size());
  CHECK(task.training_batch(7, 123, everything).tokens == whole.tokens);
  const auto known = set_of(whole);
  const auto batch = task.training_batch(7, 123, 100);
  CHECK(batch.count == 100);
  CHECK(set_of(batch).size() == 100);
  CHECK(std::ranges::includes(known, set_of(batch)));
  CHECK(task.training_batch(7, 123, 100).tokens == batch.tokens);
  CHECK(task.training_batch(7, 124, 100).tokens != batch.tokens);
  CHECK(task.training_batch(8, 123, 100).tokens != batch.tokens);
  const auto fewer = task.training_batch(7, 123, 10);
  CHECK(std::equal(fewer.tokens.begin(), fewer.tokens.end(), batch.tokens.begin()));
  // Every pair comes equally often: 4000 draws of 20 from 186.
  std::vector<double> times(23 * 23);
  for (int step = 0; step < 4000; ++step)
    for (const auto& [a, b] : pairs(task.training_batch(0, step, 20)))
      ++times[static_cast<std::size_t>(23 * a + b)];
  const double expected = 4000. * 20 / static_cast<double>(known.size());
  double chi_square = 0;
  for (const auto& [a, b] : known)
    chi_square += std::pow(times[static_cast<std::size_t>(23 * a + b)] - expected, 2) / expected;
  CHECK(chi_square < 250); // below 186 degrees of freedom: above in less than 1 of 1000 cases
}

TEST_CASE("a validation set is the beginning of the test set") {
  const ModularArithmetic task(arithmetic("multiply", 13), 1);
  const auto all = task.validation_set(everything), some = task.validation_set(20);
  CHECK(some.count == 20);
  CHECK(all.count == 169 - task.training_set_size());
  CHECK(std::equal(some.tokens.begin(), some.tokens.end(), all.tokens.begin()));
  CHECK(std::equal(some.labels.begin(), some.labels.end(), all.labels.begin()));
}

TEST_CASE("info of modular arithmetic names the equations and what knowing nothing costs") {
  const ModularArithmetic task(arithmetic(), 0);
  const auto info = task.info(5, 0);
  CHECK(info.title == "Modular arithmetic: addition");
  CHECK(info.data == "a + b mod 59: 1 219 of 3 481 pairs for training");
  REQUIRE(info.vocabulary.size() == 60);
  CHECK(info.vocabulary.front() == "0");
  CHECK(info.vocabulary.back() == "=");
  CHECK(info.classes == info.vocabulary);
  const auto batch = task.validation_set(5);
  REQUIRE(info.tokens->shape == std::vector<std::int64_t>{5, 3});
  for (std::size_t i = 0; i < 15; ++i) CHECK(info.tokens->data[i] == static_cast<float>(batch.tokens[i]));
  CHECK(info.targets == batch.labels);
  REQUIRE(info.input_labels.size() == 5);
  CHECK(info.input_labels[0] == std::to_string(batch.tokens[0]) + " + " + std::to_string(batch.tokens[1]) +
                                    " = " + std::to_string(batch.labels[0]));
  for (const char* metric : {"loss/train", "loss/validation"})
    CHECK(guide(info, metric, "knowing nothing") == Approx(std::log(59)));
  CHECK(guide(info, "loss/validation", "generalised") == 0.01);
  CHECK(guide(info, "accuracy/validation", "guessing") == Approx(1 / 59.));
  CHECK(task.info(everything, 0).input_labels.size() == 2262); // no more than there are
}

TEST_CASE("with label smoothing, knowing nothing costs the entropy of the smoothed labels") {
  const ModularArithmetic task(arithmetic("add", 7), 0);
  const double smoothing = 0.1;
  std::vector<double> mean(8, smoothing / 8); // of the labels, all numbers equally often
  for (int c = 0; c < 7; ++c) mean[static_cast<std::size_t>(c)] += (1 - smoothing) / 7;
  double entropy = 0;
  for (const double share : mean) entropy -= share * std::log(share);
  const auto info = task.info(1, smoothing);
  CHECK(guide(info, "loss/train", "knowing nothing") == Approx(entropy));
  CHECK(guide(info, "loss/validation", "knowing nothing") == Approx(-std::log(mean[0])));
  for (const auto& guide : info.guides) CHECK_FALSE(guide.label.starts_with("generalised"));
}
