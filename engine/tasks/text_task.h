// The next character of a text, at every position of a window on it. The windows may be written in other
// letters, each in its own, so that what stands for what must be read from the window.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "engine/tasks/alphabets.h"
#include "engine/tasks/random.h"
#include "engine/tasks/task.h"
#include "engine/tasks/text_data.h"

namespace plateau::tasks {

/// Training windows come from the text's beginning, validation windows from its end; no character is in both.
/// With task.alphabets = m > 0 each is written in one of m alphabets, of which the first is plain; attributes
/// are then the plain characters.
class TextTask final : public Task {
public:
  /// Throws InputError as load_text() does, when either part of the text is too short for one window, and
  /// where other alphabets are asked for but the text has no letters.
  explicit TextTask(const study::TaskSettings& settings);

  InputShape shape() const override {
    return {.kind = InputShape::Kind::Tokens,
            .vocabulary = data_->vocabulary(),
            .positions = length_,
            .outputs = length_};
  }
  std::int64_t classes() const override { return data_->vocabulary(); }
  /// Windows at uniformly random places; sample i does not depend on `count`, nor its place on alphabets.
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  /// The plain character, where there are alphabets.
  ExtraOutputs extra_outputs() const override {
    return alphabets_ ? ExtraOutputs{1, data_->vocabulary(), 0} : ExtraOutputs{};
  }
  /// Windows spread evenly, the first at the part's beginning; a smaller set is the beginning of a larger
  /// one.
  Batch validation_set(std::int64_t count) const override;
  /// Where there are alphabets, the validation windows in others, the last quarter asked for: "fixed-mapping"
  /// in plain letters, "in-context" in alphabets that training never draws.
  std::vector<NamedBatch> more_sets(std::int64_t count) const override;
  /// The loss in bits; with alphabets also by place (doubling_metrics()).
  Metrics measure(const Batch& validation, const Answers& answers) const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;
  std::vector<std::int64_t> encode(const std::string& utf8) const override { return data_->encode(utf8); }

private:
  using Tokens = std::span<const std::uint8_t>;
  Tokens training() const { return Tokens(data_->tokens).first(training_size_); }
  Tokens validation() const { return Tokens(data_->tokens).subspan(training_size_); }
  Batch empty_batch(std::int64_t count) const;
  void put_window(Tokens text, std::size_t begin, std::size_t sample, Batch& batch) const;
  Batch plain_validation_set(std::int64_t count) const;
  /// Writes window `sample`, plain so far, in these letters; its plain ones become its attributes.
  void rewrite(const Alphabets::Letters& letters, std::size_t sample, Batch& batch) const;

  std::shared_ptr<const TextData> data_;
  std::int64_t length_;
  double validation_share_;
  std::size_t training_size_;
  std::optional<Alphabets> alphabets_;
};

} // namespace plateau::tasks
