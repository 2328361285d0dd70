// How well a text's next characters can be told without looking back far: levels on which a language model
// rests first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plateau::tasks {

struct CharacterLosses {
  double single = 0; // from the characters' frequencies alone
  double pairs = 0;  // from the character before
};

/// Cross-entropies in nats on `held_out`, from its second character on, of frequencies counted in `training`,
/// each count increased by one (Laplace). With `smoothing` of those predictions mixed with as much of the
/// uniform distribution, which is what is ideal for training with smoothed labels. Tokens are below
/// `vocabulary`; both texts have two at least.
CharacterLosses character_losses(std::span<const std::uint8_t> training,
                                 std::span<const std::uint8_t> held_out, std::int64_t vocabulary,
                                 double smoothing);

/// `single` where the characters of each of these sets are known only together, so that one counts as often
/// as another: of texts in letters that may stand for any others.
double pooled_character_loss(std::span<const std::uint8_t> training, std::span<const std::uint8_t> held_out,
                             std::int64_t vocabulary, std::span<const std::vector<std::uint8_t>> sets,
                             double smoothing);

} // namespace plateau::tasks
