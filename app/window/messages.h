// What could not be done, and why: a line over the panels, or in their place when the run failed.
#pragma once

#include "app/window/view.h"

namespace plateau::window {

/// A line with a button to dismiss it; nothing when there is no message. Uses up its height.
void draw_notice(const View& view);

/// What can be opened again, with the answers to that; nothing when nothing is offered. Uses up its height.
void draw_offer(const View& view);

/// Why the run failed and the ways on.
void draw_failure(const View& view);

} // namespace plateau::window
