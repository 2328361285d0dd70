// The line of recorded steps at the bottom of the window, with a playhead that can be dragged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "widgets/context.h"
#include "widgets/line_plot.h"

namespace plateau::widgets {

struct TimelineMark {
  std::int64_t step = 0;
  Color color;
  std::string text; // tooltip
  enum class Shape { Line, Dot, Diamond, Star } shape = Shape::Line;
};

struct Timeline {
  std::int64_t end = 0;            // steps done
  std::int64_t planned = 0;        // the axis reaches this far
  std::int64_t step = 0;           // playhead
  bool live = true;                // the playhead follows the newest step
  std::vector<std::int64_t> stops; // recorded steps, ascending: dragging snaps to these; empty: any step
  std::vector<TimelineMark> marks;
  std::vector<Span> spans; // plateaus
};

void draw(Canvas& canvas, const Timeline& timeline, const Rect& outer, const PlotStyle& style);
/// The scale along `outer`; handy to find the pixel of a step.
Scale timeline_scale(const Timeline& timeline, const Rect& outer, const PlotStyle& style);
/// The stop nearest to `step`.
std::int64_t nearest_stop(const Timeline& timeline, double step);

struct TimelineState {
  bool dragging = false;
  bool focused = false; // the arrow keys are its own
};

struct TimelineInteraction {
  std::optional<std::int64_t> step; // the person moved the playhead here
  bool to_live = false;             // ... to the live end
};

/// Wants a height of about 58 pixels x scale. Drag or click moves the playhead. Once clicked: Left/Right by
/// one stop (Shift: ten), Home, End = live. Marks "ID".
TimelineInteraction interactive_timeline(Context& context, std::string_view id, const Timeline& timeline,
                                         TimelineState& state, Size size);

} // namespace plateau::widgets
