#include "engine/tasks/markov_chains.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "engine/tasks/chain_counts.h"

namespace plateau::tasks {
namespace {

constexpr std::int64_t validation_seed = 0; // the same set for every member and study

} // namespace

Batch MarkovChains::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count, double) const {
  return make_batch(Purpose::TrainingBatch, seed, step, count);
}

Batch MarkovChains::validation_set(std::int64_t count) const {
  return make_batch(Purpose::ValidationSet, validation_seed, 0, count);
}

Batch MarkovChains::make_batch(Purpose purpose, std::int64_t seed, std::int64_t step,
                               std::int64_t count) const {
  // The matrix itself is never needed: to draw each next state from the posterior mean (n_ij + 1) / (n_i + k)
  // of its row is to draw the row from Dirichlet(1, ..., 1) and then from it (Polya's urn; Blackwell &
  // MacQueen 1973). So the next state is one of the n_i successors so far or, with probability k / (n_i + k),
  // any.
  const auto states = static_cast<std::uint32_t>(states_);
  Batch batch;
  batch.count = count;
  batch.tokens.reserve(static_cast<std::size_t>(count * length_));
  batch.labels.reserve(static_cast<std::size_t>(count * length_));
  std::vector<std::vector<std::uint32_t>> successors(states);
  std::vector<std::uint32_t> chain;
  for (std::uint64_t sample = 0; sample < static_cast<std::uint64_t>(count); ++sample) {
    Random random(static_cast<std::uint64_t>(seed), purpose, static_cast<std::uint64_t>(step), sample);
    chain.assign(1, random.below(states));
    for (std::int64_t t = 0; t < length_; ++t) {
      auto& row = successors[chain.back()];
      const auto drawn = random.below(states + static_cast<std::uint32_t>(row.size()));
      const auto next = drawn < states ? drawn : row[drawn - states];
      row.push_back(next);
      chain.push_back(next);
    }
    batch.tokens.insert(batch.tokens.end(), chain.begin(), chain.end() - 1);
    batch.labels.insert(batch.labels.end(), chain.begin() + 1, chain.end());
    for (const auto state : chain) successors[state].clear();
  }
  return batch;
}

Metrics MarkovChains::measure(const Batch& validation, const Answers& answers) const {
  ChainCounts counts(states_);
  const PredictionDivergence divergence(length_ + states_);
  const auto classes = static_cast<std::size_t>(states_);
  std::vector<double> log_q(classes);
  double unigram = 0, bigram = 0;
  for (std::size_t i = 0; i < validation.tokens.size(); ++i) {
    if (i % static_cast<std::size_t>(length_) == 0) counts.clear();
    counts.add(validation.tokens[i]);
    PredictionDivergence::log_softmax(answers.logits.subspan(i * classes, classes), log_q);
    unigram += divergence(counts.unigram(), log_q);
    bigram += divergence(counts.bigram(), log_q);
  }
  const auto positions = static_cast<double>(validation.tokens.size());
  return {{"reference/unigram-distance", unigram / positions},
          {"reference/bigram-distance", bigram / positions}};
}

std::vector<training::Guide> MarkovChains::guides(double label_smoothing) const {
  // Both predictors on the validation set itself, so that its loss can be compared to the last digit.
  // Training with smoothing aims at their mixture with the uniform distribution.
  const Batch batch = validation_set(validation_samples_);
  const double uniform = 1 / static_cast<double>(states_);
  ChainCounts counts(states_);
  std::array<double, 2> train{}, validation{}, accuracy{};
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    if (i % static_cast<std::size_t>(length_) == 0) counts.clear();
    counts.add(batch.tokens[i]);
    const std::array predictions{counts.unigram(), counts.bigram()};
    for (std::size_t which = 0; which < 2; ++which) {
      const auto& prediction = predictions[which];
      const auto log_smoothed = [&](std::int32_t count) {
        const double probability = static_cast<double>(count) / static_cast<double>(prediction.total);
        return std::log((1 - label_smoothing) * probability + label_smoothing * uniform);
      };
      const auto count = prediction.counts[static_cast<std::size_t>(batch.labels[i])];
      const double loss = -log_smoothed(count);
      validation[which] += loss;
      train[which] += (1 - label_smoothing) * loss;
      if (label_smoothing > 0) {
        const double never = log_smoothed(1); // of most states, where there are many
        for (const auto n : prediction.counts)
          train[which] -= label_smoothing * uniform * (n == 1 ? never : log_smoothed(n));
      }
      // The likeliest state; of several, any.
      const auto most = *std::ranges::max_element(prediction.counts);
      if (count == most)
        accuracy[which] += 1 / static_cast<double>(std::ranges::count(prediction.counts, most));
    }
  }
  std::vector<training::Guide> result;
  const auto add = [&](const char* metric, const char* label, double value) {
    result.push_back({metric, value, fmt::format("{}: {:.3f}", label, value)});
  };
  const auto positions = static_cast<double>(batch.tokens.size());
  for (const char* metric : {"loss/train", "loss/validation"}) {
    const auto& losses = metric == std::string("loss/train") ? train : validation;
    add(metric, "knowing nothing", std::log(static_cast<double>(states_))); // smoothed or not
    add(metric, "counting states", losses[0] / positions);
    add(metric, "counting pairs", losses[1] / positions);
  }
  add("accuracy/validation", "knowing nothing", uniform);
  add("accuracy/validation", "counting states", accuracy[0] / positions);
  add("accuracy/validation", "counting pairs", accuracy[1] / positions);
  return result;
}

training::TaskInfo MarkovChains::info(std::int64_t samples, double label_smoothing) const {
  training::TaskInfo info;
  info.title = "Markov chains";
  info.data = fmt::format("chains of {} states, {} steps each, with transitions drawn anew for each sequence",
                          states_, length_);
  for (std::int64_t state = 0; state < states_; ++state) info.vocabulary.push_back(std::to_string(state));
  info.classes = info.vocabulary;
  info.guides = guides(label_smoothing);
  const Batch batch = validation_set(samples);
  constexpr std::int64_t shown = 8; // states before the last label
  for (std::int64_t i = 0; i < samples; ++i) {
    std::string label = length_ > shown ? "… " : "";
    for (std::int64_t t = std::max<std::int64_t>(0, length_ - shown); t < length_; ++t)
      label += fmt::format("{} ", batch.tokens[static_cast<std::size_t>(i * length_ + t)]);
    info.targets.push_back(batch.labels[static_cast<std::size_t>((i + 1) * length_ - 1)]);
    info.input_labels.push_back(fmt::format("{}→ {}", label, info.targets.back()));
  }
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {samples, length_};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  return info;
}

} // namespace plateau::tasks
