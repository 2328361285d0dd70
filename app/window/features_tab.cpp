#include "app/window/features_tab.h"

#include <string>
#include <vector>

#include "app/window/elements.h"

namespace plateau::window {

void FeaturesTab::draw(const View& view) {
  if (nothing_to_show(view, "features", false, true)) return;
  static const std::vector<std::string> names = {"Embedding", "Spectrum", "Attention",
                                                 "Circuit",   "Logits",   "Norms"};
  const LowControls low;
  segmented(view, "features-view", names, shown_);
  view.readings["features-view"] = names[static_cast<std::size_t>(shown_)];
  switch (shown_) {
  case 0:
    return embedding_.draw(view, scope_);
  case 1:
    return spectrum_.draw(view, scope_);
  case 2:
    return operands_.draw(view, scope_);
  case 3:
    return circuit_.draw(view);
  case 4:
    return logits_.draw(view, scope_);
  default:
    return norms_.draw(view, scope_);
  }
}

} // namespace plateau::window
