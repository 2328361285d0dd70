// Names for places on the screen, so that scripts and tests can find what to click.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "widgets/geometry.h"

namespace plateau::widgets::test_ids {

/// Forget the frame before last; call at the start of each frame.
void begin_frame();
/// The item just drawn by ImGui is called `id` in this frame.
void mark(std::string_view id);
void mark(std::string_view id, const Rect& rect);
/// Where it is, in this frame or the one before.
std::optional<Rect> find(std::string_view id);
/// All marked names, for messages ("no such button; there are ...").
std::map<std::string, Rect> all();

} // namespace plateau::widgets::test_ids
