// Curvature of the loss where the optimizer is and along its steps.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "app/figures/curve_parts.h"
#include "app/figures/optimizer.h"
#include "engine/analysis/statistics.h"

namespace plateau::figures {
namespace {

widgets::LinePlot log_plot(const PlotOptions& options, const std::string& title) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Log;
  return plot_over_steps(own, title, options.title ? "" : title);
}

const training::Series* find_series(const training::MemberView& member, const std::string& metric) {
  const auto found = member.series.find(metric);
  return found == member.series.end() || found->second.empty() ? nullptr : &found->second;
}

/// One line of sizes for the group, with rings where S is negative: of its only member, or of the median of
/// its seeds, whose sizes lie in a band.
void add_smoothness(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options,
                    const SeedGroup& group) {
  std::map<double, std::vector<double>> by_step;
  for (const auto* member : group.members) {
    const auto data = member_data(snapshot, *member, options, "curvature/smoothness");
    for (std::size_t i = 0; i < data.size; ++i) {
      const auto point = data.at(i);
      if (std::isfinite(point.y)) by_step[point.x].push_back(point.y);
    }
  }
  std::vector<widgets::CurvePoint> sizes, negative;
  const auto color = color_of(snapshot, *group.members.front(), options);
  const bool several = group.members.size() > 1;
  widgets::Band band{.color = color.with_alpha(0.16f), .x = {}, .low = {}, .high = {}, .group = ""};
  for (auto& [step, values] : by_step) {
    if (values.size() < group.members.size()) continue; // not all have got there
    const double middle = analysis::median(values);
    sizes.push_back({step, std::abs(middle)});
    if (middle < 0) negative.push_back(sizes.back());
    if (!several) continue;
    for (double& value : values) value = std::abs(value);
    const auto [low, high] = std::ranges::minmax(values);
    band.x.push_back(step);
    band.low.push_back(low);
    band.high.push_back(high);
  }
  if (sizes.empty()) return;
  widgets::Curve curve;
  curve.label =
      several ? fmt::format("{} ({} seeds)", group.name, group.members.size()) : group.members.front()->name;
  curve.color = color;
  curve.width = 0.8f;
  curve.kind = "|S|";
  curve.data = widgets::CurveData::of(std::move(sizes));
  widgets::Curve rings = curve;
  band.group = curve.label;
  plot.curves.push_back(std::move(curve));
  if (several) plot.bands.push_back(std::move(band));
  if (negative.empty()) return;
  rings.kind = "S < 0";
  rings.rings = true;
  rings.data = widgets::CurveData::of(std::move(negative));
  plot.curves.push_back(std::move(rings));
}

std::string correlation_note(const char* name, double value) {
  return fmt::format("{} {}", name, std::isfinite(value) ? fmt::format("{:.2f}", value) : "–");
}

} // namespace

widgets::LinePlot curvature_plot(const training::Snapshot& snapshot, const PlotOptions& options, bool live) {
  auto plot = log_plot(options, "entries of the Hessian's diagonal");
  add_member_curves(plot, snapshot, options,
                    {{.name = "largest |H_ii|", .metric = "curvature/largest"},
                     {.name = "median |H_ii|",
                      .metric = live ? "curvature/median-live" : "curvature/median",
                      .dash = widgets::Dash::Dashed}});
  if (options.events) add_events(plot, snapshot, options);
  return plot;
}

widgets::LinePlot condition_plot(const training::Snapshot& snapshot, const PlotOptions& options, bool live) {
  auto plot = log_plot(options, "condition number: largest / median");
  add_member_curves(plot, snapshot, options,
                    {{.name = "", .metric = live ? "curvature/condition-live" : "curvature/condition"}});
  if (options.events) add_events(plot, snapshot, options);
  if (!live) plot.empty_text = "The median is 0: most weights are dead";
  return plot;
}

widgets::LinePlot smoothness_plot(const training::Snapshot& snapshot, const PlotOptions& options) {
  auto plot = log_plot(options, "directional smoothness |S_t|");
  for (const auto& group : seed_groups(chosen_members(snapshot, options), options.seed_bands))
    add_smoothness(plot, snapshot, options, group);
  if (options.events) add_events(plot, snapshot, options);
  return plot;
}

widgets::Scatter gradient_smoothness(const training::MemberView& member, const PlotOptions& options,
                                     std::size_t most) {
  widgets::Scatter plot;
  if (options.title) plot.title = member.name;
  plot.x = {.title = "gradient norm |∇f|", .kind = widgets::ScaleKind::Log};
  plot.y = {.title = "smoothness S_t", .kind = widgets::ScaleKind::Log};
  plot.bar = {.map = widgets::ColorMap::Viridis,
              .range = {},
              .gamma = 1,
              .title = "step",
              .numbers = widgets::NumberStyle::Steps,
              // Neither end may vanish in the ground.
              .part = options.theme.dark ? widgets::Range{0.2, 1} : widgets::Range{0, 0.88}};
  plot.color = options.theme.accent;
  plot.empty_text = "No step with gradient norm and smoothness yet";
  const auto* norms = find_series(member, "curvature/gradient-norm");
  const auto* values = find_series(member, "curvature/smoothness");
  if (!norms || !values) return plot;
  std::vector<double> log_norms, log_values;
  std::size_t negative = 0;
  for (std::size_t i = 0, j = 0; i < norms->size() && j < values->size();) {
    const auto norm = (*norms)[i], value = (*values)[j];
    if (options.step && std::max(norm.step, value.step) > *options.step) break;
    if (norm.step != value.step) {
      ++(norm.step < value.step ? i : j);
      continue;
    }
    ++i, ++j;
    negative += value.value <= 0;
    if (!(norm.value > 0) || !(value.value > 0) || !std::isfinite(norm.value * value.value)) continue;
    plot.points.push_back({norm.value, value.value});
    plot.shades.push_back(double(norm.step));
    log_norms.push_back(std::log(norm.value));
    log_values.push_back(std::log(value.value));
  }
  if (plot.points.empty()) return plot;
  plot.note = correlation_note("Pearson r", analysis::pearson(log_norms, log_values)) + ", " +
              correlation_note("Spearman ρ", analysis::spearman(log_norms, log_values));
  if (negative > 0) plot.note += fmt::format(", {} with S ≤ 0 left out", negative);
  if (const std::size_t stride = (plot.points.size() + most - 1) / most; stride > 1) {
    const std::size_t kept = (plot.points.size() + stride - 1) / stride;
    for (std::size_t i = 0; i < kept; ++i) {
      plot.points[i] = plot.points[i * stride];
      plot.shades[i] = plot.shades[i * stride];
    }
    plot.points.resize(kept);
    plot.shades.resize(kept);
  }
  return plot;
}

void share_axes(std::vector<widgets::Scatter>& plots) {
  std::optional<widgets::Range> x, y;
  const auto include = [](std::optional<widgets::Range>& range, double value) {
    range = range ? widgets::Range{std::min(range->low, value), std::max(range->high, value)}
                  : widgets::Range{value, value};
  };
  for (const auto& plot : plots)
    for (const auto& point : plot.points)
      if (is_shown(plot, point)) include(x, point.x), include(y, point.y);
  if (!x) return;
  for (auto& plot : plots) {
    plot.x.range = widgets::nice_range(*x, plot.x.kind);
    plot.y.range = widgets::nice_range(*y, plot.y.kind);
  }
}

} // namespace plateau::figures
