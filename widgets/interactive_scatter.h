// A scatter plot in the window: hover and click on points.
#pragma once

#include <optional>
#include <string_view>

#include "widgets/context.h"
#include "widgets/scatter.h"

namespace plateau::widgets {

struct ScatterInteraction {
  std::optional<std::size_t> hovered, clicked; // indices into Scatter::points
};

/// The tooltip tells the point under the mouse. Marks "ID" and "ID/area".
ScatterInteraction interactive_scatter(Context& context, std::string_view id, const Scatter& scatter,
                                       Size size);

} // namespace plateau::widgets
