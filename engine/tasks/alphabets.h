// A text in other letters: permutations of those it has, one for each sequence.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tasks/random.h"
#include "engine/tasks/text_data.h"

namespace plateau::tasks {

/// The letters a ... z change places, capitals as their small ones do; a letter of which the vocabulary has
/// but one case changes places with others of that case alone. All other characters stay. No table is kept of
/// the alphabets: each is a function of its number alone, the same in every run. Immutable and thread-safe.
class Alphabets {
public:
  /// What stands for each token. [vocabulary]
  using Letters = std::vector<std::uint8_t>;

  /// Throws InputError where there are no two letters that could change places.
  Alphabets(const TextData& data, std::int64_t count);
  std::int64_t count() const { return count_; }
  /// One of 0 ... count - 1.
  std::int64_t draw(Random& random) const { return random.below(static_cast<std::uint32_t>(count_)); }
  /// Number 0 leaves the text as it is.
  Letters letters(std::int64_t number) const;
  /// Alphabets that have no number.
  Letters fresh_letters(std::uint64_t index) const;
  /// Tokens of which each may stand for each other one of its set.
  std::vector<std::vector<std::uint8_t>> interchangeable() const;

private:
  /// Rows of tokens: the letters of a set in one case. Rows of a set have the same order of letters.
  using Set = std::vector<std::vector<std::uint8_t>>;
  Letters permuted(Random random) const;

  std::int64_t vocabulary_, count_;
  std::vector<Set> sets_;
};

} // namespace plateau::tasks
