#include "engine/tasks/alphabets.h"

#include <numeric>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/permutation.h"

namespace plateau::tasks {
namespace {

constexpr std::uint64_t alphabet_seed = 0;

} // namespace

Alphabets::Alphabets(const TextData& data, std::int64_t count)
    : vocabulary_(data.vocabulary()), count_(count) {
  const auto has = [&](char32_t letter) { return data.characters.find(letter) != std::u32string::npos; };
  Set both(2), small(1), capital(1);
  for (char32_t letter = U'a'; letter <= U'z'; ++letter) {
    const char32_t upper = letter - U'a' + U'A';
    if (has(letter) && has(upper)) {
      both[0].push_back(data.token(letter));
      both[1].push_back(data.token(upper));
    } else if (has(letter)) {
      small[0].push_back(data.token(letter));
    } else if (has(upper)) {
      capital[0].push_back(data.token(upper));
    }
  }
  for (Set* set : {&both, &small, &capital})
    if ((*set)[0].size() > 1) sets_.push_back(std::move(*set));
  if (sets_.empty())
    throw InputError(fmt::format("task.alphabets = {}: {} has no two letters a to z that could change places",
                                 count, data.name));
}

Alphabets::Letters Alphabets::letters(std::int64_t number) const {
  if (number > 0) return permuted({alphabet_seed, Purpose::Mapping, 0, static_cast<std::uint64_t>(number)});
  Letters plain(static_cast<std::size_t>(vocabulary_));
  std::iota(plain.begin(), plain.end(), std::uint8_t{0});
  return plain;
}

Alphabets::Letters Alphabets::fresh_letters(std::uint64_t index) const {
  return permuted({alphabet_seed, Purpose::FreshMapping, 0, index});
}

Alphabets::Letters Alphabets::permuted(Random random) const {
  Letters result = letters(0);
  for (const Set& set : sets_) {
    const auto order = permutation(random, static_cast<std::int64_t>(set[0].size()));
    for (const auto& row : set)
      for (std::size_t i = 0; i < row.size(); ++i) result[row[i]] = row[static_cast<std::size_t>(order[i])];
  }
  return result;
}

std::vector<std::vector<std::uint8_t>> Alphabets::interchangeable() const {
  std::vector<std::vector<std::uint8_t>> rows;
  for (const Set& set : sets_) rows.insert(rows.end(), set.begin(), set.end());
  return rows;
}

} // namespace plateau::tasks
