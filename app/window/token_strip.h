// A sequence's tokens as text, lit by how much attention they get.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/window/view.h"

namespace plateau::window {

/// Draws the tokens in lines inside `size`, each on a ground as strong as its weight (none where `weights` is
/// empty), with an outline around `query`. Returns the token clicked. Marks "tokens".
std::optional<int> token_strip(const View& view, std::span<const std::string> tokens,
                               const std::vector<float>& weights, int query, widgets::Size size);

} // namespace plateau::window
