// Lines broken between words. ImGui's own rule also breaks after any full stop, so "0.32" could end a line at
// "0.".
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace plateau::widgets {

/// `text` with a line end wherever the next word would pass `width` (in the unit of `measure`); never inside
/// a number ("1 050", "0.32"). A word that is wider than a line is broken where it must be.
std::string word_wrap(std::string_view text, float width,
                      const std::function<float(std::string_view)>& measure);

/// The same in ImGui's current font; width in pixels.
std::string word_wrap(std::string_view text, float width);

} // namespace plateau::widgets
