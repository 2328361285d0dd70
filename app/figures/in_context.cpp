#include "app/figures/in_context.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "app/figures/curve_parts.h"
#include "app/figures/tensors.h"
#include "engine/probes/catalogue.h"

namespace plateau::figures {
namespace {

bool is_accuracy(const std::string& metric) {
  return metric != "context/loss";
}

std::string position_metric(const std::string& metric, int position) {
  return fmt::format("{}/position{}", metric, position);
}

/// The task's levels for it, or for the whole sequence's accuracy or loss.
std::vector<widgets::HorizontalGuide> guides_of(const training::Snapshot& snapshot,
                                                const std::string& metric) {
  std::vector<widgets::HorizontalGuide> guides;
  if (!snapshot.task || metric == "context/rule-score-by-position") return guides;
  const std::string whole = is_accuracy(metric) ? "accuracy/validation" : "loss/validation";
  for (const auto& guide : snapshot.task->guides) {
    const bool fits = guide.metric == metric || guide.metric == whole ||
                      (is_accuracy(metric) && guide.metric == "accuracy/late");
    if (!fits || guide.value == 0 ||
        std::ranges::any_of(guides, [&](const auto& known) { return known.y == guide.value; }))
      continue;
    guides.push_back({.y = guide.value, .label = guide.label, .kind = {}});
  }
  return guides;
}

/// [layers, heads] of the score at the step; empty where none was recorded by then.
widgets::HeatMap score_map(const training::MemberView& member, const PlotOptions& options,
                           const HeadScore& score) {
  std::map<std::pair<int, int>, double> values;
  int layers = 0, heads = 0;
  for (int layer = 1; member.series.contains(fmt::format("{}/layer{}/head1", score.metric, layer)); ++layer)
    for (int head = 1;; ++head) {
      const auto metric = fmt::format("{}/layer{}/head{}", score.metric, layer, head);
      if (!member.series.contains(metric)) break;
      const auto point = point_at(member, metric, options.step);
      if (!point) continue;
      values[{layer, head}] = point->value;
      layers = std::max(layers, layer), heads = std::max(heads, head);
    }
  widgets::HeatMap map;
  if (values.empty()) return map;
  map.rows = layers, map.columns = heads;
  map.values.assign(std::size_t(layers * heads), NAN);
  map.texts.assign(map.values.size(), "");
  for (const auto& [place, value] : values) {
    const auto i = std::size_t((place.first - 1) * heads + place.second - 1);
    map.values[i] = float(value);
    map.texts[i] = score.share ? fmt::format("{:.0f} %", 100 * value) : fmt::format("{:.2g}", value);
  }
  map.title = score.title;
  map.map = widgets::sequential_map(options.theme);
  const double highest = widgets::value_range(map.values).high;
  map.range = {0, score.share ? 1 : std::max(2.0, highest)};
  map.blank_missing = true;
  map.finish();
  return map;
}

} // namespace

std::vector<int> recorded_positions(const training::MemberView& member, const std::string& metric) {
  const std::string prefix = metric + "/position";
  std::vector<int> positions;
  for (auto found = member.series.lower_bound(prefix);
       found != member.series.end() && found->first.starts_with(prefix); ++found) {
    int position = 0;
    const char* end = found->first.data() + found->first.size();
    const auto read = std::from_chars(found->first.data() + prefix.size(), end, position);
    if (read.ec == std::errc() && read.ptr == end && !found->second.empty()) positions.push_back(position);
  }
  std::ranges::sort(positions);
  return positions;
}

widgets::HistogramHistory position_history(const training::Snapshot& snapshot,
                                           const training::MemberView& member, const PlotOptions& options,
                                           const std::string& metric) {
  widgets::HistogramHistory history;
  const bool accuracy = is_accuracy(metric);
  const std::string quantity = accuracy ? "accuracy" : "loss";
  if (options.title) history.title = member.name;
  history.x.range = options.x;
  history.y.title = "place in the sequence";
  history.y.numbers = widgets::NumberStyle::Steps;
  history.quantiles.clear();
  history.gamma = 1;
  history.map = widgets::sequential_map(options.theme);
  const auto positions = recorded_positions(member, metric);
  if (positions.empty()) return history;
  const int first = positions.front(), last = positions.back();
  history.range = {first - 0.5, last + 0.5};
  std::map<std::int64_t, std::vector<float>> by_step;
  for (const int position : positions) {
    const auto& series = member.series.at(position_metric(metric, position));
    for (std::size_t i = 0; i < series.size(); ++i) {
      auto& column = by_step[series[i].step];
      column.resize(std::size_t(last - first + 1), NAN);
      column[std::size_t(position - first)] = float(series[i].value);
    }
  }
  float most = 0;
  for (auto& [step, column] : by_step) {
    for (const float value : column)
      if (std::isfinite(value)) most = std::max(most, value);
    history.steps.push_back(double(step));
    history.shares.push_back(std::move(column));
  }
  history.colors = widgets::Range{0, accuracy ? 1 : most > 0 ? most : 1};
  history.bar =
      widgets::ColorBar{.map = history.map,
                        .range = {},
                        .gamma = 1,
                        .title = quantity,
                        .numbers = accuracy ? widgets::NumberStyle::Percent : widgets::NumberStyle::Plain};
  widgets::LinePlot events;
  PlotOptions own = options;
  own.members = {member.id};
  if (options.events) add_events(events, snapshot, own);
  history.marks = events.marks;
  for (auto& mark : history.marks) mark.label.clear(); // told in the loss plot
  if (options.step) history.playhead = double(*options.step);
  history.finish();
  return history;
}

widgets::LinePlot position_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                const std::string& metric, const std::string& title) {
  widgets::LinePlot plot;
  const bool accuracy = is_accuracy(metric);
  if (options.title) plot.title = title;
  plot.x = {.title = "place in the sequence", .numbers = widgets::NumberStyle::Steps};
  plot.y = {.title = options.title ? "" : title,
            .numbers = accuracy ? widgets::NumberStyle::Percent : widgets::NumberStyle::Plain};
  plot.y.at_least = accuracy ? widgets::Range{0, 1} : widgets::Range{0, 0};
  if (accuracy) plot.y.at_most = widgets::Range{0, 1};
  plot.empty_text = "Nothing recorded by this step";
  if (options.guides) plot.guides = guides_of(snapshot, metric);
  const auto groups = seed_groups(chosen_members(snapshot, options), options.seed_bands);
  for (const auto& group : groups) {
    // At each place the seeds' median, between the least and the most.
    std::map<int, std::vector<double>> values;
    for (const auto* member : group.members)
      for (const int position : recorded_positions(*member, metric))
        if (const auto point = point_at(*member, position_metric(metric, position), options.step);
            point && std::isfinite(point->value))
          values[position].push_back(point->value);
    widgets::Curve curve;
    const bool several = group.members.size() > 1;
    curve.label = several ? fmt::format("{} ({} seeds)", group.name, group.members.size()) : group.name;
    curve.color = color_of(snapshot, *group.members.front(), options);
    curve.markers = true;
    widgets::Band band{
        .color = curve.color.with_alpha(0.16f), .x = {}, .low = {}, .high = {}, .group = curve.label};
    std::vector<widgets::CurvePoint> points;
    for (auto& [position, all] : values) {
      if (all.size() < group.members.size()) continue;
      std::ranges::sort(all);
      const std::size_t n = all.size();
      points.push_back({double(position), n % 2 ? all[n / 2] : (all[n / 2 - 1] + all[n / 2]) / 2});
      band.x.push_back(position);
      band.low.push_back(all.front());
      band.high.push_back(all.back());
    }
    if (points.empty()) continue;
    curve.data = widgets::CurveData::of(std::move(points));
    plot.curves.push_back(std::move(curve));
    if (several) plot.bands.push_back(std::move(band));
  }
  return plot;
}

const std::vector<HeadScore>& head_scores() {
  static const std::vector<HeadScore> scores = {
      {"head/induction", "induction / uniform", false},
      {"head/previous-token", "previous token", true},
      {"head/right-label", "right label", true},
  };
  return scores;
}

widgets::HeatMapGrid head_table(const training::MemberView& member, const PlotOptions& options) {
  widgets::HeatMapGrid grid;
  grid.empty_text = "No scores of heads by this step";
  if (options.title) {
    grid.title = member.name;
    if (const auto at = point_at(member, "head/previous-token/layer1/head1", options.step))
      grid.title += fmt::format(" at step {}", widgets::format_step(double(at->step)));
  }
  for (const HeadScore& score : head_scores()) {
    auto map = score_map(member, options, score);
    if (map.rows == 0) continue;
    grid.row_captions.emplace_back();
    grid.cells.push_back(std::move(map));
  }
  if (grid.cells.empty()) return grid;
  grid.column_captions = {""};
  grid.stretch = true;
  grid.x_label = "head";
  grid.y_label = "layer (first on top)";
  return grid;
}

widgets::LinePlot head_score_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                  const HeadScore& score) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Linear;
  own.layer = std::max(1, options.layer);
  auto plot = plot_over_steps(own, fmt::format("layer {}", own.layer), options.title ? "" : score.title);
  auto kinds = part_kinds(snapshot, own, score.metric);
  std::erase_if(kinds, [](const CurveKind& kind) { return !kind.name.starts_with("head"); });
  add_part_curves(plot, snapshot, own, kinds);
  if (score.share) {
    plot.y.numbers = widgets::NumberStyle::Percent;
    plot.y.at_least = plot.y.at_most = widgets::Range{0, 1};
  } else {
    plot.y.at_least = widgets::Range{0, 0};
    plot.guides.push_back({.y = 1, .label = "uniform", .kind = {}});
  }
  if (options.events) add_events(plot, snapshot, own);
  return plot;
}

int count_head_layers(const training::Snapshot& snapshot, const PlotOptions& options,
                      const HeadScore& score) {
  int count = 0;
  for (const auto* member : chosen_members(snapshot, options)) {
    int own = 0;
    while (member->series.contains(fmt::format("{}/layer{}/head1", score.metric, own + 1))) ++own;
    count = std::max(count, own);
  }
  return count;
}

} // namespace plateau::figures
