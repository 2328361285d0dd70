// A recipe as the command that makes the same figure.
#pragma once

#include <optional>
#include <string>

#include "app/figures/recipe.h"

namespace plateau::figures {

/// "plateau figure RECORDING loss --member ViT --out loss.pdf", quoted for a shell. Of recipes with one
/// panel; empty for what only a recipe's file can say: several panels, titles, ranges, kinds left out, events
/// for steps.
std::optional<std::string> command_of(const Recipe& recipe, const std::string& recording,
                                      const std::string& out);

} // namespace plateau::figures
