#include "app/figures/separate_curves.h"

#include <algorithm>
#include <utility>

namespace plateau::figures {

std::vector<MetricPlot> separated(std::span<const MetricPlot> plots) {
  std::vector<MetricPlot> all;
  for (const auto& plot : plots) {
    const bool layers = std::ranges::any_of(plot.curves, &MetricCurve::per_layer);
    if (plot.curves.size() < 2 || layers) {
      all.push_back(plot);
      continue;
    }
    for (const auto& curve : plot.curves) {
      auto one = plot;
      one.name += "-" + curve.name;
      one.title += ": " + curve.name;
      one.curves = {curve};
      one.curves.front().name.clear();
      all.push_back(std::move(one));
    }
  }
  return all;
}

} // namespace plateau::figures
