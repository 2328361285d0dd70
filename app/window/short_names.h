// Names that share a long beginning, in little room.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace plateau::window {

/// `name` in at most `width`, which `measure` tells of a text: whole if it fits, else cut where the least is
/// lost that tells it from `others` ("extra weights loss · seed 1" -> "extra weights loss · 1" -> "extra w…·
/// 1"): in the middle, or at the front where only its end differs and hardly fits. Others may include the
/// name itself.
std::string short_name(std::string_view name, std::span<const std::string> others, float width,
                       const std::function<float(std::string_view)>& measure);

} // namespace plateau::window
