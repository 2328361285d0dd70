#include "engine/tasks/character_models.h"

#include <cmath>
#include <numeric>
#include <vector>

namespace plateau::tasks {
namespace {

/// -ln of the smoothed frequencies of characters that were counted; in place.
void to_losses(std::span<double> counts, double smoothing) {
  const double kinds = static_cast<double>(counts.size());
  const double total = std::accumulate(counts.begin(), counts.end(), kinds);
  for (double& count : counts) count = -std::log((1 - smoothing) * (count + 1) / total + smoothing / kinds);
}

} // namespace

CharacterLosses character_losses(std::span<const std::uint8_t> training,
                                 std::span<const std::uint8_t> held_out, std::int64_t vocabulary,
                                 double smoothing) {
  const auto kinds = static_cast<std::size_t>(vocabulary);
  std::vector<double> single(kinds), pairs(kinds * kinds); // a row for each character before
  for (const std::uint8_t token : training) single[token] += 1;
  for (std::size_t i = 1; i < training.size(); ++i) pairs[training[i - 1] * kinds + training[i]] += 1;
  to_losses(single, smoothing);
  for (std::size_t before = 0; before < kinds; ++before)
    to_losses(std::span(pairs).subspan(before * kinds, kinds), smoothing);

  CharacterLosses losses;
  for (std::size_t i = 1; i < held_out.size(); ++i) {
    losses.single += single[held_out[i]];
    losses.pairs += pairs[held_out[i - 1] * kinds + held_out[i]];
  }
  const auto predicted = static_cast<double>(held_out.size() - 1);
  return {losses.single / predicted, losses.pairs / predicted};
}

double pooled_character_loss(std::span<const std::uint8_t> training, std::span<const std::uint8_t> held_out,
                             std::int64_t vocabulary, std::span<const std::vector<std::uint8_t>> sets,
                             double smoothing) {
  std::vector<double> counts(static_cast<std::size_t>(vocabulary));
  for (const std::uint8_t token : training) counts[token] += 1;
  for (const auto& set : sets) {
    double sum = 0;
    for (const std::uint8_t token : set) sum += counts[token];
    for (const std::uint8_t token : set) counts[token] = sum / static_cast<double>(set.size());
  }
  to_losses(counts, smoothing);
  double loss = 0;
  for (const std::uint8_t token : held_out.subspan(1)) loss += counts[token];
  return loss / static_cast<double>(held_out.size() - 1);
}

} // namespace plateau::tasks
