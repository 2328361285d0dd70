#include "engine/tasks/text_task.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/character_models.h"
#include "engine/tasks/grouped.h"

namespace plateau::tasks {

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
}

Batch TextTask::empty_batch(std::int64_t count) const {
  Batch batch;
  batch.count = count;
  batch.tokens.resize(static_cast<std::size_t>(count * length_));
  batch.labels.resize(batch.tokens.size());
  return batch;
}

void TextTask::put_window(Tokens text, std::size_t begin, std::size_t sample, Batch& batch) const {
  const auto length = static_cast<std::size_t>(length_);
  const Tokens window = text.subspan(begin, length + 1);
  const auto at = static_cast<std::ptrdiff_t>(sample * length);
  std::copy(window.begin(), window.end() - 1, batch.tokens.begin() + at);
  std::copy(window.begin() + 1, window.end(), batch.labels.begin() + at);
}

Batch TextTask::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count, double) const {
  Batch batch = empty_batch(count);
  const auto places = static_cast<std::uint32_t>(training().size() - static_cast<std::size_t>(length_));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    Random random(static_cast<std::uint64_t>(seed), Purpose::TrainingBatch, static_cast<std::uint64_t>(step),
                  i);
    put_window(training(), random.below(places), i, batch);
  }
  return batch;
}

Batch TextTask::validation_set(std::int64_t count) const {
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

Metrics TextTask::measure(const Batch&, const Answers& answers) const {
  return {{"loss/bits-per-character", answers.loss / std::numbers::ln2}};
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
  info.guides = {{"loss/validation", losses.single, fmt::format("single characters: {:.3f}", losses.single)},
                 {"loss/validation", losses.pairs, fmt::format("pairs of characters: {:.3f}", losses.pairs)}};

  const Batch batch = validation_set(samples);
  constexpr std::int64_t shown = 12; // characters before the last label
  for (std::int64_t i = 0; i < samples; ++i) {
    std::string label = length_ > shown ? "…" : "";
    for (std::int64_t t = std::max<std::int64_t>(0, length_ - shown); t < length_; ++t)
      label += data_->print(batch.tokens[static_cast<std::size_t>(i * length_ + t)]);
    info.targets.push_back(batch.labels[static_cast<std::size_t>((i + 1) * length_ - 1)]);
    info.input_labels.push_back(label + " → " + data_->print(info.targets.back()));
  }
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {samples, length_};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  return info;
}

} // namespace plateau::tasks
