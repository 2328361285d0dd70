#include "app/window/optimizer_tab.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/tab_parts.h"

namespace plateau::window {
void OptimizerTab::draw(const View& view) {
  if (nothing_to_show(view, "diagnostics", false, true)) return;
  const bool linear = any_member(view, is_linear_transformer);
  std::vector<std::string> names = {"Noise", "Condition", "Smoothness", "Gradient and smoothness"};
  if (linear) names.insert(names.end(), {"P and Q", "Gradient descent"});
  shown_ = std::clamp(shown_, 0, static_cast<int>(names.size()) - 1);
  const LowControls low;
  segmented(view, "optimizer-view", names, shown_);
  view.readings["optimizer-view"] = names[static_cast<std::size_t>(shown_)];
  switch (shown_) {
  case 0:
    return noise_.draw(view);
  case 1:
    return condition_.draw(view);
  case 2:
    return smoothness_.draw(view);
  case 3:
    return gradient_smoothness_.draw(view);
  case 4:
    return matrices_.draw(view);
  default:
    return descent_.draw(view);
  }
}

} // namespace plateau::window
