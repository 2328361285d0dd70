#include "app/window/seed_bands.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

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

void SeedBands::box(const View& view, const std::string& id) {
  if (run_ != view.run && !view.snapshot.members.empty()) {
    run_ = view.run;
    on_ = most_seeds(view) > 1;
  }
  const int most = most_seeds(view);
  if (view.visible_members().size() < 2 || (most < 2 && !on_)) return;
  beside(em() * 7, em() * 0.7f);
  checkbox(view, id, "seed bands", on_);
  widgets::help(view.widgets,
                "Members that differ in their seed alone: their median, with a band around it. One that was "
                "halted counts on with its last value, one that diverged is left out from there on.");
  if (!on_) return;
  static const std::vector<std::string> edges = {"min - max", "quartiles"};
  constexpr float width = 6.2f;
  beside(em() * width, em() * 0.3f);
  if (const auto chosen = combo(view, id + "-edges", edges, edges_, em() * width)) edges_ = *chosen;
  constexpr int enough = 4;
  widgets::help(
      view.widgets,
      fmt::format("The band reaches from the lowest to the highest seed, or over the middle half of "
                  "them. Quartiles mean something from {} seeds on{}.",
                  enough, most < enough ? fmt::format("; here there are {} at most", most) : ""));
}

void SeedBands::set(figures::PlotOptions& options) const {
  options.seed_bands = on_;
  options.band_edges = edges_ == 1 ? figures::BandEdges::Quartiles : figures::BandEdges::MinMax;
}

} // namespace plateau::window
