#include "engine/tasks/in_context_classification.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/grouped.h"
#include "engine/tasks/normal.h"
#include "engine/tasks/permutation.h"
#include "engine/tasks/position_metrics.h"

namespace plateau::tasks {
namespace {

constexpr std::int64_t validation_seed = 0; // what is asked does not depend on the member

/// A class's mean, N(0, I / width).
void draw_mean(Random random, std::span<double> mean) {
  const Normal& normal = Normal::tables();
  const double scale = 1 / std::sqrt(static_cast<double>(mean.size()));
  for (double& entry : mean) entry = scale * normal(random);
}

/// The loss with smoothed labels, and without, of predicting (1 - smoothing) p + smoothing / L where the
/// answer is distributed as p.
struct Losses {
  double smoothed = 0, plain = 0;
};
Losses losses(std::span<const double> p, double smoothing) {
  Losses result;
  for (const double probability : p) {
    const double predicted = (1 - smoothing) * probability + smoothing / static_cast<double>(p.size());
    if (predicted == 0) continue;
    result.smoothed -= predicted * std::log(predicted);
    result.plain -= probability * std::log(predicted);
  }
  return result;
}

} // namespace

InContextClassification::InContextClassification(const study::TaskSettings& settings, std::int64_t seed)
    : pairs_(settings.pairs), known_(settings.item_classes), labels_(settings.item_labels),
      width_(settings.item_width), bursts_(settings.pairs / settings.burstiness), noise_(settings.item_noise),
      bursty_share_(settings.bursty_share), fresh_share_(settings.fresh_share), seed_(seed),
      frequency_(settings.item_classes, settings.class_exponent) {
  if (settings.pairs % settings.burstiness != 0)
    throw InputError(fmt::format("task.pairs = {} must be a multiple of task.burstiness = {}", settings.pairs,
                                 settings.burstiness));
  if (known_ < bursts_)
    throw InputError(fmt::format("task.item_classes = {} are fewer than the task.pairs / task.burstiness = "
                                 "{} classes of a bursty sequence",
                                 known_, bursts_));
  for (std::int64_t k = 0; k < known_; ++k) label_of_.push_back(k % labels_);
  Random random(static_cast<std::uint64_t>(seed), Purpose::Mapping, 0, 0);
  shuffle(random, std::span(label_of_));
}

Batch InContextClassification::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                                              double) const {
  return make_batch(Purpose::TrainingBatch, seed, step, count, Kind::Drawn);
}

Batch InContextClassification::validation_set(std::int64_t count) const {
  return make_batch(Purpose::ValidationSet, validation_seed, 0, count, Kind::Drawn);
}

std::vector<NamedBatch> InContextClassification::more_sets(std::int64_t count) const {
  const auto set = [&](Kind kind, std::int64_t number) {
    return make_batch(Purpose::ValidationSet, validation_seed, number, count, kind);
  };
  return {{"in-context", set(Kind::Fresh, 1)},
          {"in-weights", set(Kind::Absent, 2)},
          {"swapped-labels", set(Kind::Swapped, 3)}};
}

InContextClassification::Sequence InContextClassification::draw(Random& random, Kind kind) const {
  const bool fresh = kind == Kind::Fresh || (kind == Kind::Drawn && random.chance(fresh_share_));
  const auto pairs = static_cast<std::size_t>(pairs_);
  Sequence sequence;
  sequence.bursty = fresh || kind == Kind::Swapped || (kind == Kind::Drawn && random.chance(bursty_share_));
  sequence.classes.resize(pairs + 1);
  auto& query = sequence.classes.back();
  const auto context = std::span(sequence.classes).first(pairs);
  std::vector<std::int64_t> fresh_labels;
  if (sequence.bursty) {
    std::vector<std::int64_t> shown;
    if (fresh)
      for (std::int64_t k = 0; k < bursts_; ++k) {
        shown.push_back(known_ + k);
        fresh_labels.push_back(random.below(static_cast<std::uint32_t>(labels_)));
      }
    else
      shown = frequency_.draw_distinct(random, bursts_);
    for (std::size_t i = 0; i < pairs; ++i) context[i] = shown[i % shown.size()];
    shuffle(random, context);
    query = shown[random.below(static_cast<std::uint32_t>(shown.size()))];
  } else {
    query = frequency_.draw(random);
    const auto without = std::span(&query, kind == Kind::Absent ? 1U : 0U);
    for (auto& item_class : context) item_class = frequency_.draw_other(random, without);
  }
  for (const std::int64_t item_class : sequence.classes) {
    const auto label = item_class < known_ ? label_of(item_class)
                                           : fresh_labels[static_cast<std::size_t>(item_class - known_)];
    sequence.labels.push_back(kind == Kind::Swapped ? (label + 1) % labels_ : label);
  }
  return sequence;
}

Batch InContextClassification::make_batch(Purpose purpose, std::int64_t seed, std::int64_t step,
                                          std::int64_t count, Kind kind) const {
  const Normal& normal = Normal::tables();
  const auto width = static_cast<std::size_t>(width_), length = static_cast<std::size_t>(positions());
  const double scale = 1 / std::sqrt(1 + noise_ * noise_),
               spread = noise_ / std::sqrt(static_cast<double>(width_));
  const auto first_label = known_ + bursts_; // among the tokens
  Batch batch;
  batch.count = count;
  batch.tokens.resize(static_cast<std::size_t>(count) * length);
  batch.items.resize(batch.tokens.size() * width);
  batch.labels.assign(batch.tokens.size(), -1);
  std::vector<double> mean(width);
  for (std::size_t sample = 0; sample < static_cast<std::size_t>(count); ++sample) {
    Random random(static_cast<std::uint64_t>(seed), purpose, static_cast<std::uint64_t>(step), sample);
    const Sequence sequence = draw(random, kind);
    const std::uint64_t own_means = random.bits();
    for (std::size_t i = 0; i < sequence.classes.size(); ++i) {
      const auto item_class = sequence.classes[i];
      const std::size_t row = sample * length + 2 * i;
      // Means are made anew from their class each time: of a hundred thousand classes most are never seen.
      draw_mean(item_class < known_
                    ? Random(static_cast<std::uint64_t>(seed_), Purpose::ItemTables, 0,
                             static_cast<std::uint64_t>(item_class))
                    : Random(own_means, Purpose::ItemTables, 1, static_cast<std::uint64_t>(item_class)),
                mean);
      float* item = batch.items.data() + row * width;
      for (const double entry : mean) *item++ = static_cast<float>(scale * (entry + spread * normal(random)));
      batch.tokens[row] = item_class;
      if (i + 1 == sequence.classes.size()) {
        batch.labels[row] = sequence.labels[i];
        continue;
      }
      *item = static_cast<float>(sequence.labels[i]); // first entry of the label's position
      batch.tokens[row + 1] = first_label + sequence.labels[i];
    }
  }
  return batch;
}

Metrics InContextClassification::measure(const Batch& validation, const Answers& answers) const {
  return {{"accuracy/late", accuracy_at(validation, answers, {positions() - 1, positions()})}};
}

InContextClassification::Levels InContextClassification::shown_labels(double smoothing) const {
  std::vector<double> known(static_cast<std::size_t>(labels_)); // how often each label is asked for by heart
  for (std::int64_t k = 0; k < known_; ++k)
    known[static_cast<std::size_t>(label_of(k))] += frequency_.probability(k);
  const Losses by_heart = losses(known, smoothing);
  const double most_by_heart = *std::max_element(known.begin(), known.end());

  constexpr std::uint64_t draws = 8192;
  Levels sum{};
  std::vector<double> shown(known.size());
  for (std::uint64_t i = 0; i < draws; ++i) {
    Random random(static_cast<std::uint64_t>(seed_), Purpose::Estimate, 0, i);
    const Sequence sequence = draw(random, Kind::Drawn);
    if (!sequence.bursty) {
      sum.training_loss += by_heart.smoothed;
      sum.validation_loss += by_heart.plain;
      sum.accuracy += most_by_heart;
      continue;
    }
    std::fill(shown.begin(), shown.end(), 0.0);
    for (std::size_t pair = 0; pair + 1 < sequence.labels.size(); ++pair)
      shown[static_cast<std::size_t>(sequence.labels[pair])] += 1 / static_cast<double>(pairs_);
    const Losses given = losses(shown, smoothing);
    sum.training_loss += given.smoothed;
    sum.validation_loss += given.plain;
    sum.accuracy += *std::max_element(shown.begin(), shown.end());
  }
  const auto count = static_cast<double>(draws);
  return {sum.training_loss / count, sum.validation_loss / count, sum.accuracy / count};
}

training::TaskInfo InContextClassification::info(std::int64_t samples, double label_smoothing) const {
  training::TaskInfo info;
  info.title = "Classification in context";
  info.data = fmt::format("{} pair{} and a query, {} classes, {} labels; {:.3g} % bursty with {} class{}{}",
                          pairs_, pairs_ == 1 ? "" : "s", grouped(known_), labels_,
                          100 * (fresh_share_ + (1 - fresh_share_) * bursty_share_), bursts_,
                          bursts_ == 1 ? "" : "es",
                          fresh_share_ > 0 ? fmt::format(", {:.3g} % fresh", 100 * fresh_share_) : "");
  for (std::int64_t label = 0; label < labels_; ++label) info.classes.push_back(fmt::format("→{}", label));
  for (std::int64_t k = 0; k < known_; ++k) info.vocabulary.push_back(fmt::format("c{}", k));
  for (std::int64_t k = 1; k <= bursts_; ++k) info.vocabulary.push_back(fmt::format("new {}", k));
  info.vocabulary.insert(info.vocabulary.end(), info.classes.begin(), info.classes.end());

  const auto add = [&](const char* metric, const char* label, double value) {
    info.guides.push_back({metric, value, fmt::format("{}: {:.3g}", label, value)});
  };
  const double nothing = std::log(static_cast<double>(labels_)), chance = 1 / static_cast<double>(labels_);
  const Levels shown = shown_labels(label_smoothing);
  add("loss/train", "knowing nothing", nothing); // smoothed or not
  add("loss/train", "one of the labels shown", shown.training_loss);
  add("loss/validation", "knowing nothing", nothing);
  add("loss/validation", "one of the labels shown", shown.validation_loss);
  for (const char* metric : {"accuracy/validation", "accuracy/late"})
    add(metric, "one of the labels shown", shown.accuracy);
  for (const char* metric : {"accuracy/in-context", "accuracy/in-weights", "accuracy/swapped-labels"})
    add(metric, "chance", chance);

  Batch batch = validation_set(samples);
  for (std::int64_t i = 0; i < samples; ++i) {
    const auto query = static_cast<std::size_t>((i + 1) * positions() - 1);
    info.targets.push_back(batch.labels[query]);
    info.input_labels.push_back(info.vocabulary[static_cast<std::size_t>(batch.tokens[query])] + " " +
                                info.classes[static_cast<std::size_t>(batch.labels[query])]);
  }
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {samples, positions()};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  return info;
}

} // namespace plateau::tasks
