#include "engine/tasks/modular_arithmetic.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/tasks/grouped.h"
#include "engine/tasks/random.h"

namespace plateau::tasks {
namespace {

/// Puts `count` items in a random order to the front (Fisher & Yates).
template<class Item> void shuffle_front(std::vector<Item>& items, std::size_t count, Random random) {
  for (std::size_t i = 0; i < count; ++i)
    std::swap(items[i], items[i + random.below(static_cast<std::uint32_t>(items.size() - i))]);
}

/// int((1 - share) pairs); a product that is a whole number but for rounding counts as that.
std::int64_t test_size(double train_share, std::int64_t pairs) {
  const double exact = (1 - train_share) * static_cast<double>(pairs);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(exact + 1e-6), 1, pairs - 1);
}

std::vector<training::Guide> guides(std::int64_t modulus, double label_smoothing) {
  // Who knows nothing takes every number for equally likely, but has seen that "=" is no answer. Smoothing
  // gives each class, "=" too, the same part; the validation loss is without, of a model trained with it.
  const double p = static_cast<double>(modulus), smoothed = label_smoothing / (p + 1);
  const double each = (1 - label_smoothing) / p + smoothed;
  const double validation = -std::log(each);
  const double train = p * each * validation - (smoothed > 0 ? smoothed * std::log(smoothed) : 0);
  std::vector<training::Guide> result{
      {"loss/train", train, fmt::format("knowing nothing: {:.3f}", train)},
      {"loss/validation", validation, fmt::format("knowing nothing: {:.3f}", validation)},
      {"accuracy/validation", 1 / p, fmt::format("guessing: {:.3f}", 1 / p)}};
  // grokking.md 1.6: generalisation time. Who was taught to doubt does not come there.
  if (label_smoothing == 0) result.push_back({"loss/validation", 0.01, "generalised: 0.01"});
  return result;
}

} // namespace

ModularArithmetic::ModularArithmetic(const study::TaskSettings& settings, std::int64_t seed)
    : operation_(settings.operation, settings.modulus) {
  const auto p = static_cast<std::int32_t>(modulus());
  for (std::int32_t a = 0; a < p; ++a)
    for (std::int32_t b = 0; b < p; ++b)
      if (operation_(a, b)) pairs_.push_back({a, b});
  shuffle_front(pairs_, pairs_.size(),
                Random(static_cast<std::uint64_t>(seed), Purpose::ValidationSet, 0, 0));
  training_size_ = std::ssize(pairs_) - test_size(settings.train_share, std::ssize(pairs_));
}

Batch ModularArithmetic::make_batch(Pairs pairs) const {
  Batch batch;
  batch.count = std::ssize(pairs);
  batch.tokens.reserve(3 * pairs.size());
  batch.labels.reserve(pairs.size());
  for (const auto [a, b] : pairs) {
    batch.tokens.insert(batch.tokens.end(), {a, b, modulus()});
    batch.labels.push_back(operation_(a, b).value());
  }
  return batch;
}

Batch ModularArithmetic::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                                        double) const {
  if (count >= training_size_) return make_batch(training());
  std::vector<Pair> drawn(training().begin(), training().end());
  shuffle_front(
      drawn, static_cast<std::size_t>(count),
      Random(static_cast<std::uint64_t>(seed), Purpose::TrainingBatch, static_cast<std::uint64_t>(step), 0));
  return make_batch(Pairs(drawn).first(static_cast<std::size_t>(count)));
}

Batch ModularArithmetic::validation_set(std::int64_t count) const {
  return make_batch(test().first(std::min(static_cast<std::size_t>(count), test().size())));
}

training::TaskInfo ModularArithmetic::info(std::int64_t samples, double label_smoothing) const {
  training::TaskInfo info;
  info.title = fmt::format("Modular arithmetic: {}", operation_.title());
  info.data = fmt::format("{}: {} of {} pairs for training", operation_.formula(), grouped(training_size_),
                          grouped(std::ssize(pairs_)));
  for (std::int64_t number = 0; number < modulus(); ++number)
    info.vocabulary.push_back(std::to_string(number));
  info.vocabulary.emplace_back("=");
  info.classes = info.vocabulary;
  info.guides = guides(modulus(), label_smoothing);
  Batch batch = validation_set(samples);
  for (std::size_t i = 0; i < batch.labels.size(); ++i)
    info.input_labels.push_back(fmt::format(
        "{} = {}", operation_.print(batch.tokens[3 * i], batch.tokens[3 * i + 1]), batch.labels[i]));
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {batch.count, 3};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  info.targets = std::move(batch.labels);
  return info;
}

} // namespace plateau::tasks
