#include "engine/tasks/associative_recall.h"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/two_step_theory.h"

namespace plateau::tasks {
namespace {

constexpr std::int64_t validation_seed = 0; // the same set for every member and study

std::vector<training::Guide> guides(const RecallSize& size, double label_smoothing) {
  // Training loss with the study's label smoothing; validation is logged without, of a model trained with it.
  std::vector<training::Guide> result;
  const auto add = [&](const char* metric, const char* label, double value) {
    result.push_back({metric, value, fmt::format("{}: {:.3f}", label, value)});
  };
  const double nothing = std::log(static_cast<double>(size.symbols)); // smoothed or not
  add("loss/train", "knowing nothing", nothing);
  add("loss/train", "one of the values shown", shown_values_loss(size, label_smoothing));
  add("loss/validation", "knowing nothing", nothing);
  add("loss/validation", "one of the values shown", unsmoothed_shown_values_loss(size, label_smoothing));
  if (label_smoothing > 0) {
    add("loss/train", "solved", floor_loss(size.symbols, label_smoothing));
    add("loss/validation", "solved", unsmoothed_floor_loss(size.symbols, label_smoothing));
  }
  add("accuracy/validation", "one of the values shown", shown_values_accuracy(size));
  add("accuracy/in-context", "knowing nothing", blind_hit_probability(size));
  return result;
}

} // namespace

AssociativeRecall::AssociativeRecall(const study::TaskSettings& settings)
    : size_{.pairs = settings.pairs, .symbols = settings.symbols} {
  if (size_.symbols < size_.pairs)
    throw InputError(fmt::format("task.symbols = {} must be at least task.pairs = {}: no key comes twice",
                                 size_.symbols, size_.pairs));
}

Batch AssociativeRecall::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count, double) const {
  return make_batch(Purpose::TrainingBatch, seed, step, count);
}

Batch AssociativeRecall::validation_set(std::int64_t count) const {
  return make_batch(Purpose::ValidationSet, validation_seed, 0, count);
}

Batch AssociativeRecall::make_batch(Purpose purpose, std::int64_t seed, std::int64_t step,
                                    std::int64_t count) const {
  const auto pairs = static_cast<std::uint32_t>(size_.pairs),
             symbols = static_cast<std::uint32_t>(size_.symbols);
  Batch batch;
  batch.count = count;
  batch.tokens.resize(static_cast<std::size_t>(count * positions()));
  batch.labels.resize(static_cast<std::size_t>(count));
  std::vector<std::int64_t> keys(symbols);
  std::iota(keys.begin(), keys.end(), 0);
  std::vector<std::uint32_t> swapped(pairs);
  std::int64_t* token = batch.tokens.data();
  for (std::size_t sample = 0; sample < batch.labels.size(); ++sample, token += positions()) {
    Random random(static_cast<std::uint64_t>(seed), purpose, static_cast<std::uint64_t>(step), sample);
    for (std::uint32_t i = 0; i < pairs; ++i) { // the beginning of a Fisher-Yates shuffle
      swapped[i] = i + random.below(symbols - i);
      std::swap(keys[i], keys[swapped[i]]);
      token[2 * i] = keys[i];
    }
    for (std::uint32_t i = pairs; i-- > 0;) std::swap(keys[i], keys[swapped[i]]); // in order again
    for (std::uint32_t i = 0; i < pairs; ++i) token[2 * i + 1] = size_.symbols + random.below(symbols);
    const std::uint32_t asked = random.below(pairs);
    token[2 * pairs] = token[2 * asked];
    batch.labels[sample] = token[2 * asked + 1] - size_.symbols;
  }
  return batch;
}

Metrics AssociativeRecall::measure(const Batch& validation, const Answers& given) const {
  const auto answers = given.classes;
  double shown = 0;
  const std::int64_t* token = validation.tokens.data();
  for (const std::int64_t answer : answers) {
    bool found = false;
    for (std::int64_t i = 1; i < positions(); i += 2) found = found || token[i] == size_.symbols + answer;
    shown += found;
    token += positions();
  }
  return {{"accuracy/in-context", shown / static_cast<double>(answers.size())}};
}

training::TaskInfo AssociativeRecall::info(std::int64_t samples, double label_smoothing) const {
  training::TaskInfo info;
  info.title = "Associative recall";
  info.data = fmt::format("{} pair{} from {} keys and {} values, drawn anew for each sequence", size_.pairs,
                          size_.pairs == 1 ? "" : "s", size_.symbols, size_.symbols);
  for (std::int64_t i = 1; i <= size_.symbols; ++i) info.vocabulary.push_back(fmt::format("k{}", i));
  for (std::int64_t i = 1; i <= size_.symbols; ++i) info.classes.push_back(fmt::format("v{}", i));
  info.vocabulary.insert(info.vocabulary.end(), info.classes.begin(), info.classes.end());
  info.guides = guides(size_, label_smoothing);
  Batch batch = validation_set(samples);
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t key = batch.tokens[static_cast<std::size_t>((i + 1) * positions() - 1)];
    const std::int64_t value = batch.labels[static_cast<std::size_t>(i)];
    info.input_labels.push_back(fmt::format("k{} → v{}", key + 1, value + 1));
  }
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {samples, positions()};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  info.targets = std::move(batch.labels);
  return info;
}

} // namespace plateau::tasks
