// The study as text on the clipboard.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

/// A control whose entries copy the study: "copy-as/toml", "copy-as/command", "copy-as/pytorch".
void draw_copy_as(const View& view, float width);

} // namespace plateau::window
