#include "app/figures/values.h"

#include <algorithm>

#include "app/figures/curve_parts.h"

namespace plateau::figures {

const std::vector<Measure>& value_measures() {
  static const std::vector<Measure> measures = {
      {"values/spread", "spread of the values, sd", false},
      {"values/gradient-ratio", "r: LASER's gradient / plain", true},
      {"values/smallest-sum", "smallest Σ a e^(v−m)", true},
      {"saturation/laser-zeros", "sums that underflow", false},
      {"saturation/laser-not-finite", "outputs not finite", false},
  };
  return measures;
}

widgets::LinePlot value_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                             const std::string& measure) {
  const auto& all = value_measures();
  const auto found = std::ranges::find(all, measure, &Measure::name);
  const std::string title = found == all.end() ? measure : found->title;
  PlotOptions own = options;
  own.y_scale =
      found != all.end() && found->logarithmic ? widgets::ScaleKind::Log : widgets::ScaleKind::Linear;
  auto plot = plot_over_steps(own, title, options.title ? "" : title);
  add_part_curves(plot, snapshot, own, part_kinds(snapshot, own, measure));
  if (measure == "values/smallest-sum") {
    plot.guides.push_back({.y = underflow_limit, .label = "10⁻³⁸: underflows below", .kind = {}});
    // A sum that is 0 has no place on a logarithmic axis, but is what this plot is for.
    for (auto& curve : plot.curves) {
      std::vector<widgets::CurvePoint> points;
      for (std::size_t i = 0; i < curve.data.size; ++i) {
        auto point = curve.data.at(i);
        point.y = std::max(point.y, 1e-45);
        points.push_back(point);
      }
      curve.data = widgets::CurveData::of(std::move(points));
    }
  } else if (measure == "values/gradient-ratio") {
    plot.guides.push_back({.y = 1, .label = "1: no difference", .kind = {}});
  } else {
    plot.y.at_least = widgets::Range{0, 0};
    if (measure.starts_with("saturation/")) {
      plot.y.numbers = widgets::NumberStyle::Percent;
      plot.y.at_most = widgets::Range{0, 1};
    }
  }
  if (options.events) add_events(plot, snapshot, own);
  return plot;
}

} // namespace plateau::figures
