#include "engine/tasks/text_task.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/character_models.h"
#include "engine/tasks/grouped.h"
#include "engine/tasks/position_metrics.h"

namespace plateau::tasks {
namespace {

constexpr std::uint64_t validation_seed = 0; // of the windows' alphabets

} // namespace

TextTask::TextTask(const study::TaskSettings& settings)
    : data_(load_text(settings.text_file)), length_(settings.length),
      validation_share_(settings.validation_share) {
  const auto size = data_->tokens.size();
  const auto held_out = static_cast<std::size_t>(std::floor(static_cast<double>(size) * validation_share_));
  training_size_ = size - held_out;
  const auto window = static_cast<std::size_t>(length_) + 1; // with the last position's label
  if (std::min(held_out, training_size_) < window)
    throw InputError(
        fmt::format("{}: {} characters are too few: with task.validation_share = {} that leaves {} for "
                    "training and {} for validation, and task.length = {} needs {} of each",
                    data_->name, grouped(static_cast<std::int64_t>(size)), validation_share_, training_size_,
                    held_out, length_, window));
  if (settings.alphabets > 0) alphabets_.emplace(*data_, settings.alphabets);
}

Batch TextTask::empty_batch(std::int64_t count) const {
  Batch batch;
  batch.count = count;
  batch.tokens.resize(static_cast<std::size_t>(count * length_));
  batch.labels.resize(batch.tokens.size());
  if (alphabets_) batch.attributes.resize(batch.tokens.size());
  return batch;
}

void TextTask::put_window(Tokens text, std::size_t begin, std::size_t sample, Batch& batch) const {
  const auto length = static_cast<std::size_t>(length_);
  const Tokens window = text.subspan(begin, length + 1);
  const auto at = static_cast<std::ptrdiff_t>(sample * length);
  std::copy(window.begin(), window.end() - 1, batch.tokens.begin() + at);
  std::copy(window.begin() + 1, window.end(), batch.labels.begin() + at);
}

void TextTask::rewrite(const Alphabets::Letters& letters, std::size_t sample, Batch& batch) const {
  const auto length = static_cast<std::size_t>(length_);
  for (std::size_t i = sample * length; i < (sample + 1) * length; ++i) {
    batch.attributes[i] = batch.tokens[i];
    batch.tokens[i] = letters[static_cast<std::size_t>(batch.tokens[i])];
    batch.labels[i] = letters[static_cast<std::size_t>(batch.labels[i])];
  }
}

Batch TextTask::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                               double fixed_share) const {
  Batch batch = empty_batch(count);
  const auto places = static_cast<std::uint32_t>(training().size() - static_cast<std::size_t>(length_));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    Random random(static_cast<std::uint64_t>(seed), Purpose::TrainingBatch, static_cast<std::uint64_t>(step),
                  i);
    put_window(training(), random.below(places), i, batch);
    if (!alphabets_) continue;
    const bool fixed = random.chance(fixed_share);
    rewrite(alphabets_->letters(fixed ? 0 : alphabets_->draw(random)), i, batch);
  }
  return batch;
}

Batch TextTask::validation_set(std::int64_t count) const {
  Batch batch = plain_validation_set(count);
  if (!alphabets_) return batch;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    Random random(validation_seed, Purpose::ValidationSet, 0, i);
    rewrite(alphabets_->letters(alphabets_->draw(random)), i, batch);
  }
  return batch;
}

std::vector<NamedBatch> TextTask::more_sets(std::int64_t count) const {
  if (!alphabets_) return {};
  Batch plain = plain_validation_set(count), fresh = plain;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    rewrite(alphabets_->letters(0), i, plain);
    rewrite(alphabets_->fresh_letters(i), i, fresh);
  }
  for (Batch* batch : {&plain, &fresh}) ask_only(*batch, late_positions(length_));
  return {{"fixed-mapping", std::move(plain)}, {"in-context", std::move(fresh)}};
}

Batch TextTask::plain_validation_set(std::int64_t count) const {
  // Multiples of the golden ratio, modulo 1, lie evenly however many of them are taken. Thus a smaller set is
  // the beginning of a larger one, and what info() says of the first samples holds for those that probes look
  // at.
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15; // 2^64 / 1.618...
  Batch batch = empty_batch(count);
  const std::uint64_t places = validation().size() - static_cast<std::size_t>(length_);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::uint64_t fraction = (i * golden) >> 32; // of 2^32; texts are shorter than that
    put_window(validation(), static_cast<std::size_t>(fraction * places >> 32), i, batch);
  }
  return batch;
}

Metrics TextTask::measure(const Batch& validation, const Answers& answers) const {
  Metrics metrics;
  if (alphabets_) metrics = doubling_metrics(validation, answers, classes(), length_);
  metrics.emplace(metrics.begin(), "loss/bits-per-character", answers.loss / std::numbers::ln2);
  return metrics;
}

training::TaskInfo TextTask::info(std::int64_t samples, double label_smoothing) const {
  training::TaskInfo info;
  info.title = fmt::format("Next character of {}", data_->is_fortunes ? "English text" : data_->name);
  info.data =
      fmt::format("{}, {:.3g} % at the end for validation", describe(*data_), 100 * validation_share_);
  for (std::int64_t token = 0; token < data_->vocabulary(); ++token)
    info.vocabulary.push_back(data_->print(token));
  info.classes = info.vocabulary;

  const CharacterLosses losses =
      character_losses(training(), validation(), data_->vocabulary(), label_smoothing);
  const auto add = [&](const char* label, double value) {
    info.guides.push_back({"loss/validation", value, fmt::format("{}: {:.3f}", label, value)});
  };
  if (alphabets_) {
    info.data +=
        fmt::format(", in {} alphabet{}", grouped(alphabets_->count()), alphabets_->count() == 1 ? "" : "s");
    add("single characters, letters unknown",
        pooled_character_loss(training(), validation(), data_->vocabulary(), alphabets_->interchangeable(),
                              label_smoothing));
    add("single characters, plain", losses.single);
    add("pairs of characters, plain", losses.pairs);
  } else {
    add("single characters", losses.single);
    add("pairs of characters", losses.pairs);
  }

  const Batch batch = validation_set(samples), plain = plain_validation_set(samples);
  constexpr std::int64_t shown = 12; // characters before the last label
  const auto end_of = [&](const Batch& windows, std::int64_t i) {
    std::string text = length_ > shown ? "…" : "";
    for (std::int64_t t = std::max<std::int64_t>(0, length_ - shown); t < length_; ++t)
      text += data_->print(windows.tokens[static_cast<std::size_t>(i * length_ + t)]);
    return text + " → " + data_->print(windows.labels[static_cast<std::size_t>((i + 1) * length_ - 1)]);
  };
  for (std::int64_t i = 0; i < samples; ++i) {
    info.targets.push_back(batch.labels[static_cast<std::size_t>((i + 1) * length_ - 1)]);
    info.input_labels.push_back(end_of(batch, i));
    if (alphabets_) info.input_labels.back() += fmt::format(" ({})", end_of(plain, i));
  }
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {samples, length_};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  return info;
}

} // namespace plateau::tasks
