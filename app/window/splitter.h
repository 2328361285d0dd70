// A line between two regions that can be dragged.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

/// Drawn at the cursor; returns how far it was moved in this frame (pixels, right or down).
float splitter(const View& view, const char* id, bool between_columns, float length);
float splitter_width();

} // namespace plateau::window
