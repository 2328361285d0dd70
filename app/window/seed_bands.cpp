#include "app/window/seed_bands.h"

#include <algorithm>
#include <map>
#include <string>

#include "app/figures/curves.h"
#include "app/window/elements.h"

namespace plateau::window {
namespace {

/// Of visible members that differ in nothing else, the most.
int most_seeds(const View& view) {
  std::map<std::string, int> seeds;
  int most = 0;
  for (const auto& m : view.snapshot.members)
    if (view.is_visible(m.id)) most = std::max(most, ++seeds[figures::without_seed(m.name)]);
  return most;
}

} // namespace

void SeedBands::box(const View& view, const char* id) {
  if (run_ != view.run && !view.snapshot.members.empty()) {
    run_ = view.run;
    on_ = most_seeds(view) > 1;
  }
  if (view.visible_members().size() < 2 || (most_seeds(view) < 2 && !on_)) return;
  beside(em() * 7, em() * 0.7f);
  checkbox(view, id, "seed bands", on_);
  widgets::help(view.widgets, "Members that differ in their seed alone: median, minimum and maximum.");
}

} // namespace plateau::window
