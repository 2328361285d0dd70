// Bars whose heights a person drags.
#pragma once

#include <optional>
#include <string_view>

#include "widgets/context.h"
#include "widgets/histogram.h"

namespace plateau::widgets {

struct BarEdit {
  int bar = 0;
  double value = 0; // within the axis
};

/// Draws `bars`, whose `y_range` must be set; while the button is held over the plot, the bar under the mouse
/// is put where the mouse is. A double click puts it at 0. Hovering tells the value. Marks "ID" and
/// "ID/area".
std::optional<BarEdit> edit_bars(Context& context, std::string_view id, const Histogram& bars, Size size);

} // namespace plateau::widgets
