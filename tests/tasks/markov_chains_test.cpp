#include "engine/tasks/markov_chains.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/tasks/chain_counts.h"
#include "tests/catch.h"

using namespace plateau;
using tasks::ChainCounts;
using tasks::MarkovChains;

namespace {

study::TaskSettings chains(std::int64_t symbols = 2, std::int64_t length = 100, std::int64_t samples = 200) {
  study::TaskSettings settings;
  settings.kind = "markov-chains";
  settings.symbols = symbols;
  settings.length = length;
  settings.validation_samples = samples;
  return settings;
}

double guide(const training::TaskInfo& info, const std::string& metric, const std::string& start) {
  for (const auto& guide : info.guides)
    if (guide.metric == metric && guide.label.starts_with(start)) return guide.value;
  FAIL("no guide " << start << " for " << metric);
  return 0;
}

/// Both predictors straight from their definitions, counted anew at each position: [2, states].
std::vector<std::vector<double>> predictors(const tasks::Batch& batch, std::int64_t states,
                                            std::int64_t length, std::size_t at) {
  const auto begin = at - at % static_cast<std::size_t>(length);
  std::vector<double> unigram, bigram;
  for (std::int64_t j = 0; j < states; ++j) {
    double n_j = 0, n_ij = 0, n_i = 0;
    for (auto t = begin; t <= at; ++t) n_j += batch.tokens[t] == j;
    for (auto t = begin; t < at; ++t)
      if (batch.tokens[t] == batch.tokens[at]) {
        ++n_i;
        n_ij += batch.tokens[t + 1] == j;
      }
    unigram.push_back((n_j + 1) / static_cast<double>(at - begin + 1 + static_cast<std::size_t>(states)));
    bigram.push_back((n_ij + 1) / (n_i + static_cast<double>(states)));
  }
  return {unigram, bigram};
}

/// Logits that any model may have given, a function of the place alone.
std::vector<float> some_logits(std::size_t count) {
  std::vector<float> logits(count);
  for (std::size_t i = 0; i < count; ++i) logits[i] = static_cast<float>(3 * std::sin(1.7 * double(i)) + 40);
  return logits;
}

} // namespace

TEST_CASE("a chain's labels are its states one later") {
  const MarkovChains task(chains(5, 12));
  const auto shape = task.shape();
  CHECK(shape.kind == tasks::InputShape::Kind::Tokens);
  CHECK(shape.vocabulary == 5);
  CHECK(shape.positions == 12);
  CHECK(shape.outputs == 12);
  CHECK(task.classes() == 5);
  const auto batch = task.training_batch(1, 2, 50);
  CHECK(batch.count == 50);
  REQUIRE(batch.tokens.size() == 600);
  REQUIRE(batch.labels.size() == 600);
  for (std::size_t i = 0; i < 600; ++i) {
    REQUIRE((batch.tokens[i] >= 0 && batch.tokens[i] < 5));
    REQUIRE((batch.labels[i] >= 0 && batch.labels[i] < 5));
    if (i % 12 != 11) REQUIRE(batch.labels[i] == batch.tokens[i + 1]);
  }
}

TEST_CASE("chains are a function of seed, step and index alone, those of validation of none") {
  const MarkovChains task(chains(3, 20));
  const auto batch = task.training_batch(3, 100, 50), fewer = task.training_batch(3, 100, 7);
  CHECK(MarkovChains(chains(3, 20)).training_batch(3, 100, 50).tokens == batch.tokens);
  CHECK(std::equal(fewer.tokens.begin(), fewer.tokens.end(), batch.tokens.begin()));
  CHECK(task.training_batch(4, 100, 50).tokens != batch.tokens);
  CHECK(task.training_batch(3, 101, 50).tokens != batch.tokens);
  const auto set = task.validation_set(50), part = task.validation_set(7);
  CHECK(std::equal(part.labels.begin(), part.labels.end(), set.labels.begin()));
}

TEST_CASE("chains are distributed as with a matrix of Dirichlet rows and a uniform first state") {
  // The probability of a chain is that of its rows' counts under Dirichlet(1, ..., 1),
  //   1/k Π_i (k - 1)! Π_j n_ij! / (n_i + k - 1)!
  // Of three states and four transitions there are 243 chains.
  const MarkovChains task(chains(3, 4));
  constexpr int samples = 60000;
  const auto batch = task.training_batch(9, 0, samples);
  std::map<std::vector<std::int64_t>, double> times;
  for (std::size_t i = 0; i < samples; ++i) {
    std::vector<std::int64_t> chain(batch.tokens.begin() + static_cast<std::ptrdiff_t>(4 * i),
                                    batch.tokens.begin() + static_cast<std::ptrdiff_t>(4 * i + 4));
    chain.push_back(batch.labels[4 * i + 3]);
    ++times[chain];
  }
  double chi_square = 0, total = 0;
  for (int code = 0; code < 243; ++code) {
    std::vector<std::int64_t> chain;
    for (int t = 0, rest = code; t < 5; ++t, rest /= 3) chain.push_back(rest % 3);
    double counts[3][3] = {}, probability = 1. / 3;
    for (std::size_t t = 0; t < 4; ++t) ++counts[chain[t]][chain[t + 1]];
    for (const auto& row : counts) {
      double left = 0;
      for (const double n : row) probability *= std::tgamma(n + 1), left += n;
      probability *= 2 / std::tgamma(left + 3);
    }
    total += probability;
    chi_square += std::pow(times[chain] - samples * probability, 2) / (samples * probability);
  }
  CHECK(total == Approx(1));
  CHECK(times.size() == 243);
  CHECK(chi_square < 315); // 242 degrees of freedom: above in 1 of 1000 cases
}

TEST_CASE("counts of a chain are those of its past alone") {
  const std::int64_t states = 4, length = 30;
  const auto batch = MarkovChains(chains(states, length)).training_batch(2, 0, 3);
  ChainCounts counts(states);
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    if (i % static_cast<std::size_t>(length) == 0) counts.clear();
    counts.add(batch.tokens[i]);
    const auto expected = predictors(batch, states, length, i);
    const auto unigram = counts.unigram(), bigram = counts.bigram();
    double sum = 0;
    for (std::int64_t j = 0; j < states; ++j) {
      REQUIRE(unigram.probability(j) == Approx(expected[0][static_cast<std::size_t>(j)]));
      REQUIRE(bigram.probability(j) == Approx(expected[1][static_cast<std::size_t>(j)]));
      sum += bigram.probability(j);
    }
    REQUIRE(sum == Approx(1));
  }
}

TEST_CASE("distances to the predictors of a chain are Kullback-Leibler divergences") {
  const std::int64_t states = 3, length = 15;
  const MarkovChains task(chains(states, length));
  const auto batch = task.validation_set(20);
  const auto logits = some_logits(batch.tokens.size() * 3);
  double distance[2] = {};
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    const auto expected = predictors(batch, states, length, i);
    double sum = 0;
    for (std::size_t j = 0; j < 3; ++j) sum += std::exp(double(logits[3 * i + j]));
    for (std::size_t which = 0; which < 2; ++which)
      for (std::size_t j = 0; j < 3; ++j) {
        const double p = expected[which][j], q = std::exp(double(logits[3 * i + j])) / sum;
        distance[which] += p * std::log(p / q) / double(batch.tokens.size());
      }
  }
  const auto metrics = task.measure(batch, {.classes = {}, .logits = logits});
  REQUIRE(metrics.size() == 2);
  CHECK(metrics[0].first == "reference/unigram-distance");
  CHECK(metrics[0].second == Approx(distance[0]).epsilon(1e-10));
  CHECK(metrics[1].first == "reference/bigram-distance");
  CHECK(metrics[1].second == Approx(distance[1]).epsilon(1e-10));

  // A model that counts pairs is at no distance from who does, and its loss is the guide's.
  std::vector<float> counting;
  double loss = 0;
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    const auto pairs = predictors(batch, states, length, i)[1];
    for (const double p : pairs) counting.push_back(float(std::log(p)));
    loss -= std::log(pairs[static_cast<std::size_t>(batch.labels[i])]);
  }
  const auto solved = task.measure(batch, {.classes = {}, .logits = counting});
  CHECK(solved[1].second == Approx(0).margin(1e-6));
  CHECK(solved[0].second > 0.05);
  const auto info = MarkovChains(chains(states, length, 20)).info(1, 0);
  CHECK(guide(info, "loss/validation", "counting pairs") == Approx(loss / double(batch.tokens.size())));
}

TEST_CASE("guides of Markov chains are ordered as the stages of learning") {
  const MarkovChains task(chains(2, 100, 500));
  const auto info = task.info(3, 0);
  CHECK(info.title == "Markov chains");
  CHECK(info.data == "chains of 2 states, 100 steps each, with transitions drawn anew for each sequence");
  CHECK(info.vocabulary == std::vector<std::string>{"0", "1"});
  CHECK(info.classes == info.vocabulary);
  for (const char* metric : {"loss/train", "loss/validation"}) {
    CHECK(guide(info, metric, "knowing nothing") == Approx(std::log(2)));
    CHECK(guide(info, metric, "counting states") < 0.98 * std::log(2));
    CHECK(guide(info, metric, "counting pairs") < guide(info, metric, "counting states") - 0.05);
    // Half a nat is what the entropy of a Beta(1, 1) row is on average: one cannot get below it.
    CHECK(guide(info, metric, "counting pairs") > 0.45);
  }
  CHECK(guide(info, "accuracy/validation", "knowing nothing") == 0.5);
  CHECK(guide(info, "accuracy/validation", "counting pairs") >
        guide(info, "accuracy/validation", "counting states"));
  // Training on smoothed labels aims at predictions that are mixed with the uniform one.
  const auto smoothed = task.info(3, 0.1);
  CHECK(guide(smoothed, "loss/train", "knowing nothing") == Approx(std::log(2)));
  CHECK(guide(smoothed, "loss/train", "counting pairs") > guide(info, "loss/train", "counting pairs") + 0.01);
  CHECK(guide(smoothed, "loss/validation", "counting pairs") >
        guide(info, "loss/validation", "counting pairs"));
  CHECK(guide(smoothed, "loss/train", "counting pairs") >
        guide(smoothed, "loss/validation", "counting pairs"));

  const auto batch = task.validation_set(3);
  REQUIRE(info.tokens->shape == std::vector<std::int64_t>{3, 100});
  REQUIRE(info.targets.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(info.targets[i] == batch.labels[100 * i + 99]);
    CHECK(info.input_labels[i].starts_with("… "));
    CHECK(info.input_labels[i].ends_with("→ " + std::to_string(info.targets[i])));
  }
}

TEST_CASE("many states cost no more than few") {
  const MarkovChains task(chains(4096, 64));
  const auto batch = task.training_batch(0, 0, 64);
  CHECK(*std::ranges::max_element(batch.labels) > 3500);
}
