// Grouped bars in the window: hovering tells the value.
#pragma once

#include <string_view>

#include "widgets/bar_chart.h"
#include "widgets/context.h"

namespace plateau::widgets {

/// Marks "ID" and "ID/area".
void interactive_bars(Context& context, std::string_view id, const BarChart& chart, Size size);

} // namespace plateau::widgets
