// What a linear transformer learns: its matrices, and the gradient descent that they imply.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "app/figures/curve_parts.h"
#include "app/figures/optimizer.h"
#include "app/figures/tensors.h"

namespace plateau::figures {
namespace {

constexpr const char* matrix_names[] = {"P", "Q"};

std::string distance_metric(const char* matrix, int layer) {
  return fmt::format("linear/{}-distance/layer{}", matrix, layer);
}

bool nearly_equal(double a, double b) {
  return std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b));
}

} // namespace

widgets::HeatMapGrid linear_matrices(const training::MemberView& member, const PlotOptions& options) {
  widgets::HeatMapGrid grid;
  grid.empty_text = "No matrices recorded yet";
  const auto matrices = tensor(member, "linear/matrices");
  if (!matrices || matrices->shape.size() != 4 || matrices->shape[1] != 2) return grid;
  const auto step = point_at(member, distance_metric("P", 1), options.step);
  if (options.title)
    grid.title = fmt::format("{} at step {}", member.name,
                             widgets::format_step(double(step ? step->step : member.frame->step)));
  const auto layers = matrices->shape[0], width = matrices->shape[2];
  const auto range = widgets::symmetric_range(matrices->data);
  if (options.title) grid.x_label = "below each matrix M: |M − (tr M / d) I| / |M|";
  grid.column_captions.assign(std::size_t(layers), "");
  grid.row_captions.assign(2, "");
  for (std::int64_t matrix = 0; matrix < 2; ++matrix)
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      widgets::HeatMap map;
      map.rows = map.columns = int(width);
      const float* first = matrices->data.data() + (layer * 2 + matrix) * width * width;
      map.values.assign(first, first + width * width);
      map.map = widgets::ColorMap::Balance;
      map.range = range;
      map.title = with_subscript(matrix_names[matrix], int(layer + 1));
      const auto distance =
          point_at(member, distance_metric(matrix_names[matrix], int(layer + 1)), options.step);
      map.x_label = distance ? fmt::format("{:.2f}", distance->value) : "";
      map.finish();
      grid.cells.push_back(std::move(map));
    }
  grid.bar = widgets::ColorBar{.map = widgets::ColorMap::Balance, .range = range, .gamma = 1, .title = ""};
  return grid;
}

widgets::LinePlot matrix_distance_plot(const training::MemberView& member, const PlotOptions& options) {
  auto plot = plot_over_steps(options, "distance from c·I", options.title ? "" : "|M − (tr M / d) I| / |M|");
  plot.y.at_least = widgets::Range{0, 1};
  int layers = 0;
  while (member.series.contains(distance_metric("P", layers + 1))) ++layers;
  for (int layer = 1; layer <= layers; ++layer)
    for (const char* matrix : matrix_names) {
      const auto found = member.series.find(distance_metric(matrix, layer));
      if (found == member.series.end()) continue;
      widgets::Curve curve;
      curve.label = fmt::format("layer {}", layer);
      curve.color = widgets::ordered_color(options.theme, std::size_t(layer - 1), std::size_t(layers));
      curve.kind = matrix;
      curve.dash = *matrix == 'P' ? widgets::Dash::Solid : widgets::Dash::Dashed;
      curve.data = curve_data(found->second);
      plot.curves.push_back(std::move(curve));
    }
  return plot;
}

std::string average_name(Average average) {
  switch (average) {
  case Average::Median:
    return "median";
  case Average::Trimmed:
    return "trimmed mean";
  case Average::Mean:
    break;
  }
  return "mean";
}

std::string validation_metric(Average average) {
  switch (average) {
  case Average::Median:
    return "loss/validation-median";
  case Average::Trimmed:
    return "loss/validation-trimmed";
  case Average::Mean:
    break;
  }
  return "loss/validation";
}

std::vector<Average> recorded_averages(const training::Snapshot& snapshot, const PlotOptions& options) {
  std::vector<Average> recorded = {Average::Mean};
  for (const auto average : {Average::Median, Average::Trimmed})
    for (const auto* member : chosen_members(snapshot, options))
      if (member->series.contains(validation_metric(average))) {
        recorded.push_back(average);
        break;
      }
  return recorded;
}

std::vector<widgets::HorizontalGuide> descent_levels(const training::Snapshot& snapshot,
                                                     const PlotOptions& options, const std::string& kind) {
  constexpr std::size_t most = 4; // levels of one sort; more would bury the curves
  struct Sort {
    const char *metric, *name;
    widgets::Dash dash;
  };
  std::vector<widgets::HorizontalGuide> levels;
  for (const Sort sort : {Sort{"reference/gradient-descent", "gradient descent", widgets::Dash::Dashed},
                          Sort{"reference/preconditioned-gradient-descent", "preconditioned gradient descent",
                               widgets::Dash::Dotted}}) {
    std::vector<widgets::HorizontalGuide> own;
    for (const auto* member : chosen_members(snapshot, options)) {
      const auto point = point_at(*member, sort.metric, std::nullopt);
      if (!point || own.size() == most) continue;
      if (std::ranges::any_of(own, [&](const auto& level) { return nearly_equal(level.y, point->value); }))
        continue;
      const auto depth = member->settings.model.depth;
      std::string label = fmt::format("{} step{} of {}", depth, depth == 1 ? "" : "s", sort.name);
      if (options.average != Average::Mean) label += " (mean)"; // known of the mean alone
      // The same depth on other data.
      if (std::ranges::find(own, label, &widgets::HorizontalGuide::label) != own.end())
        label += ", " + without_seed(member->name);
      own.push_back({.y = point->value, .label = std::move(label), .kind = kind, .dash = sort.dash});
    }
    levels.insert(levels.end(), own.begin(), own.end());
  }
  return levels;
}

widgets::LinePlot gradient_descent_plot(const training::Snapshot& snapshot, const PlotOptions& options) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Log;
  auto plot = plot_over_steps(own, "Loss and gradient descent", average_name(options.average) + " loss");
  add_member_curves(plot, snapshot, own, {{.name = "", .metric = validation_metric(options.average)}});
  if (options.guides) plot.guides = descent_levels(snapshot, own, "");
  if (options.events) add_events(plot, snapshot, own);
  plot.empty_text = "The first losses appear at the first evaluation";
  return plot;
}

} // namespace plateau::figures
