#include "app/figures/difference.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/figures/curve_parts.h"
#include "app/figures/draw_figures.h"

namespace plateau::figures {
namespace {

void add_differences(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options,
                     const std::vector<CurveKind>& kinds, DifferenceCache& cache) {
  const auto* reference = reference_member(snapshot, options);
  if (!reference) return;
  for (const auto* member : chosen_members(snapshot, options)) {
    if (member == reference) continue;
    for (const CurveKind& kind : kinds) {
      if (options.without.contains(kind.name)) continue;
      widgets::Curve curve;
      curve.data = cache.get(*member, *reference, kind.metric);
      if (curve.data.size == 0) continue;
      curve.label = curve.group = member->name;
      curve.color = color_of(snapshot, *member, options);
      curve.kind = kind.name;
      curve.dash = kind.dash;
      curve.width = kind.width;
      if (kind.per_batch) {
        const auto last = std::int64_t(curve.data.at(curve.data.size - 1).x);
        curve.smoothing = smoothing_window(options, last, curve.data.size);
        if (curve.smoothing <= 1) curve.smoothing = 0;
      }
      plot.curves.push_back(std::move(curve));
    }
  }
  plot.guides.push_back({.y = 0, .label = reference->name, .kind = {}}); // it is the zero of this plot
  plot.empty_text = "The two have no step in common yet";
}

/// No logarithm of what may be negative, and each seed for itself.
PlotOptions for_differences(PlotOptions options) {
  options.y_scale.reset();
  options.seed_bands = false;
  return options;
}

} // namespace

widgets::CurveData DifferenceCache::get(const training::MemberView& member,
                                        const training::MemberView& reference, const std::string& metric) {
  const auto own = member.series.find(metric), other = reference.series.find(metric);
  if (own == member.series.end() || other == reference.series.end()) return {};
  const training::Series &a = own->second, &b = other->second;
  if (a.empty() || b.empty()) return {};
  auto& known = known_[{member.id, reference.id, metric}];
  const auto same = [](const training::Series& x, const training::Series& y) {
    return x.size() == y.size() && &x.back() == &y.back();
  };
  if (!known.values.empty() && same(known.values, a) && same(known.reference, b)) return known.difference;
  std::vector<widgets::CurvePoint> points;
  points.reserve(std::min(a.size(), b.size()));
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const std::int64_t step = a[i].step, other_step = b[k].step;
    if (step == other_step) points.push_back({double(step), a[i].value - b[k].value});
    if (step <= other_step) ++i;
    if (other_step <= step) ++k;
  }
  known = {a, b, widgets::CurveData::of(std::move(points))};
  return known.difference;
}

const training::MemberView* reference_member(const training::Snapshot& snapshot, const PlotOptions& options) {
  for (const auto& member : snapshot.members)
    if (member.id == options.reference) return &member;
  return snapshot.members.empty() ? nullptr : &snapshot.members.front();
}

widgets::LinePlot loss_difference_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                       DifferenceCache& cache) {
  const auto own = for_differences(options);
  auto plot = plot_over_steps(own, "Difference of losses", "difference of losses");
  add_differences(
      plot, snapshot, own,
      {{.name = "train", .metric = "loss/train", .per_batch = true},
       {.name = "validation", .metric = "loss/validation", .dash = widgets::Dash::Dashed, .width = 0.8f}},
      cache);
  if (own.events) add_events(plot, snapshot, own);
  return plot;
}

widgets::LinePlot accuracy_difference_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                           DifferenceCache& cache) {
  const auto own = for_differences(options);
  auto plot = plot_over_steps(own, "Difference of accuracies", "difference of accuracies");
  plot.y.numbers = widgets::NumberStyle::Percent;
  add_differences(plot, snapshot, own, {{.name = "validation", .metric = "accuracy/validation"}}, cache);
  if (own.events) add_events(plot, snapshot, own);
  return plot;
}

void draw_difference(widgets::Canvas& canvas, const widgets::Rect& outer, const training::Snapshot& snapshot,
                     const PlotOptions& options, const widgets::PlotStyle& style) {
  DifferenceCache cache;
  const auto own = with_title(options);
  std::vector<widgets::LinePlot> plots{loss_difference_plot(snapshot, own, cache),
                                       accuracy_difference_plot(snapshot, own, cache)};
  std::erase_if(plots, [](const auto& plot) { return plot.curves.empty(); });
  const int columns = int(plots.size());
  draw_plots(canvas, outer, std::move(plots), std::max(1, columns), style);
}

} // namespace plateau::figures
