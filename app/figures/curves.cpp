// Loss, accuracy and schedules.
#include "app/figures/curves.h"

#include <algorithm>

#include "app/figures/curve_parts.h"
#include "app/figures/optimizer.h"
#include "engine/probes/catalogue.h"

namespace plateau::figures {
namespace {

void add_guides(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options,
                const std::vector<CurveKind>& kinds) {
  if (!options.guides || !snapshot.task) return;
  for (const auto& guide : snapshot.task->guides) {
    const auto kind = std::ranges::find(kinds, guide.metric, &CurveKind::metric);
    // A floor at 0 is the axis.
    if (kind == kinds.end() || guide.value == 0 || options.without.contains(kind->name)) continue;
    // One line for what holds of both curves.
    const auto same = std::ranges::find_if(plot.guides, [&](const auto& other) {
      return other.y == guide.value && other.label.ends_with(guide.label);
    });
    if (same != plot.guides.end()) {
      same->label = guide.label;
      continue;
    }
    plot.guides.push_back(
        {guide.value, kind->name + " " + guide.label, kind->name,
         kind->dash == widgets::Dash::Solid ? widgets::Dash::Dashed : widgets::Dash::Dotted});
  }
}

} // namespace

widgets::LinePlot loss_plot(const training::Snapshot& snapshot, const PlotOptions& options) {
  const auto recorded = recorded_averages(snapshot, options);
  const bool has_wanted = std::ranges::find(recorded, options.average) != recorded.end();
  const Average average = has_wanted ? options.average : Average::Mean;
  const std::vector<CurveKind> kinds = {
      {.name = "train", .metric = "loss/train", .per_batch = true},
      {.name = average == Average::Mean ? "validation" : "validation " + average_name(average),
       .metric = validation_metric(average),
       .dash = widgets::Dash::Dashed,
       .width = 0.8f}};
  auto plot = plot_over_steps(options, "Loss", "loss");
  add_member_curves(plot, snapshot, options, kinds);
  add_guides(plot, snapshot, options, kinds);
  if (options.guides && !options.without.contains(kinds[1].name))
    for (auto& level : descent_levels(snapshot, options, kinds[1].name))
      plot.guides.push_back(std::move(level));
  if (options.events) add_events(plot, snapshot, options);
  plot.empty_text = "The first losses appear after the first steps";
  return plot;
}

widgets::LinePlot accuracy_plot(const training::Snapshot& snapshot, const PlotOptions& options) {
  const std::vector<CurveKind> kinds = {
      {.name = "validation", .metric = "accuracy/validation"},
      {.name = "intermediate",
       .metric = "accuracy/intermediate",
       .dash = widgets::Dash::Dashed,
       .width = 0.8f},
      {.name = "either target",
       .metric = "accuracy/either-target",
       .dash = widgets::Dash::Dotted,
       .width = 0.8f},
      {.name = "in context", .metric = "accuracy/in-context", .dash = widgets::Dash::Dashed, .width = 0.8f},
      {.name = "last quarter", .metric = "accuracy/late", .dash = widgets::Dash::Dotted, .width = 0.8f},
      {.name = "train",
       .metric = "accuracy/train",
       .dash = widgets::Dash::DashDot,
       .width = 0.6f,
       .per_batch = true}};
  auto plot = plot_over_steps(options, "Accuracy", "accuracy");
  plot.y.numbers = widgets::NumberStyle::Percent;
  plot.y.kind = widgets::ScaleKind::Linear;
  plot.y.at_least = widgets::Range{0, 1};
  plot.y.at_most = widgets::Range{0, 1};
  add_member_curves(plot, snapshot, options, kinds);
  add_guides(plot, snapshot, options, kinds);
  if (options.events) add_events(plot, snapshot, options);
  plot.empty_text = "The first accuracies appear at the first evaluation";
  return plot;
}

widgets::LinePlot schedule_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                const std::string& metric) {
  const auto title = probes::metric_title(metric);
  auto plot = plot_over_steps(options, title, metric == "attention/temperature" ? "τ/√d_k" : title);
  plot.y.at_least = widgets::Range{0, 0};
  add_member_curves(plot, snapshot, options, {{.name = "", .metric = metric}});
  return plot;
}

} // namespace plateau::figures
