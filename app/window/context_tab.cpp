#include "app/window/context_tab.h"

#include <string>
#include <vector>

#include "app/window/elements.h"

namespace plateau::window {

int ContextTab::first_recorded(const View& view) const {
  const bool recorded[] = {PositionView::recorded(view), scores_.recorded(view),
                           ComponentScoreView::recorded(view), HeadView::recorded(view),
                           collapse_.recorded(view)};
  for (int i = 0; i < static_cast<int>(std::size(recorded)); ++i)
    if (recorded[i]) return i;
  return 0;
}

void ContextTab::draw(const View& view) {
  if (nothing_to_show(view, "scores", false, true)) return;
  static const std::vector<std::string> names = {"By position", "Scores", "Components", "Heads", "Collapse"};
  const LowControls low;
  int shown = chosen_.value_or(first_recorded(view));
  if (segmented(view, "context-view", names, shown)) chosen_ = shown;
  view.readings["context-view"] = names[static_cast<std::size_t>(shown)];
  switch (shown) {
  case 0:
    return positions_.draw(view, scope_);
  case 1:
    return scores_.draw(view, scope_);
  case 2:
    return components_.draw(view, scope_);
  case 3:
    return heads_.draw(view);
  default:
    return collapse_.draw(view, scope_);
  }
}

} // namespace plateau::window
