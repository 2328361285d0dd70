#include "app/window/context_views.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/separate_curves.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/interactive_map.h"

namespace plateau::window {
namespace {

constexpr const char* position_metrics[] = {"context/accuracy", "context/loss"};
constexpr const char* rule_by_position = "context/rule-score-by-position";

bool any_metric(const View& view, std::span<const figures::MetricPlot> plots) {
  return std::ranges::any_of(plots, [&](const auto& plot) {
    return std::ranges::any_of(plot.curves,
                               [&](const auto& curve) { return any_series(view, curve.metric); });
  });
}

/// Why there is nothing of `what`, and what to do.
void nothing_of(const View& view, const std::string& what) {
  const bool asked = view.member->settings.probes.in_context_every > 0;
  empty_state(view, fmt::format("No {} recorded", what),
              asked ? "They come with the first probed step, where the task has them."
                    : "Set probes.in_context_every above 0 to measure them every so many steps.");
}

} // namespace

bool PositionView::recorded(const View& view) {
  return any_series(view, "context/accuracy/") || any_series(view, "context/loss/");
}

void PositionView::history(const View& view, const std::string& metric, widgets::Size size) {
  const auto positions = figures::recorded_positions(*view.member, metric);
  if (positions.empty()) {
    if (ImGui::BeginChild("no-history", widgets::to_imgui(size)))
      nothing_of(view, fmt::format("{} by place of {}", metric == position_metrics[0] ? "accuracy" : "loss",
                                   view.member->name));
    return ImGui::EndChild();
  }
  const auto& newest = view.member->series.at(fmt::format("{}/position{}", metric, positions.front()));
  const std::string key = fmt::format("{} {} {} {} {} {}", view.run, view.member->id, metric, newest.size(),
                                      view.following ? -1 : view.step, view.widgets.theme.dark);
  if (key != key_) {
    key_ = key;
    auto options = view.member_plot_options();
    history_ = figures::position_history(view.snapshot, *view.member, options, metric);
    history_.title = view.member->name;
  }
  const bool accuracy = metric == position_metrics[0];
  const auto done = widgets::interactive_history(
      view.widgets, "position-history", history_, size, [&](std::size_t step, std::size_t bin) {
        return fmt::format(
            "place {}: {}", positions.front() + static_cast<int>(bin),
            widgets::format_value(history_.shares[step][bin],
                                  accuracy ? widgets::NumberStyle::Percent : widgets::NumberStyle::Plain));
      });
  if (done.hovered_x) view.plots.next_cursor = done.hovered_x;
  if (done.clicked_x) view.ask(Scrub{std::llround(*done.clicked_x)});
}

void PositionView::draw(const View& view, CurveScope& scope) {
  static const std::vector<std::string> names = {"accuracy", "loss"};
  ImGui::SameLine();
  probe_help(view, "in-context");
  beside(em() * 7, em() * 0.7f);
  if (segmented(view, "position-measure", names, measure_)) curve_.fit();
  scope.boxes(view, "context");
  if (!recorded(view)) return nothing_of(view, "accuracy by place");
  const std::string metric = position_metrics[measure_];
  const PlotScope region("position-view");
  const Parts parts = split_region(0.58f, em() * 30, em() * 9);
  history(view, metric, parts.first);
  if (parts.beside) ImGui::SameLine(0, parts.gap);
  auto options = scope.options(view);
  options.step = view.step;
  auto curve =
      figures::position_plot(view.snapshot, options, metric,
                             names[static_cast<std::size_t>(measure_)] +
                                 fmt::format(" at step {}", widgets::format_step(double(view.step))));
  draw_free_plot(view, "by-position", curve, curve_, parts.second);
}

bool ScoreView::recorded(const View& view) const {
  return any_metric(view, plots_);
}

void ScoreView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "in-context", plots_);
  scope.boxes(view, "context");
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const auto each = scope.several(view) ? figures::separated(plots_)
                                        : std::vector<figures::MetricPlot>(plots_.begin(), plots_.end());
  if (!table_.draw(view, id_, each, scope.options(view), {space.x, space.y}, 9.5f))
    nothing_of(view, "scores");
}

bool ComponentScoreView::recorded(const View& view) {
  return any_metric(view, figures::component_plots());
}

void ComponentScoreView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "in-context", figures::component_plots());
  scope.boxes(view, "context");
  const bool by_position = any_series(view, rule_by_position);
  if (!recorded(view) && !by_position) return nothing_of(view, "scores of the components");
  const ImVec2 space = ImGui::GetContentRegionAvail();
  auto options = scope.options(view);
  if (!by_position) {
    table_.draw(view, "component-scores", figures::component_plots(), options, {space.x, space.y});
    return;
  }
  const PlotScope region("component-view");
  const Parts parts = split_region(0.72f, em() * 36, em() * 9);
  const bool curves =
      table_.draw(view, "component-scores", figures::component_plots(), options, parts.first, 10.5f);
  if (curves && parts.beside) ImGui::SameLine(0, parts.gap);
  options.step = view.step;
  auto plot =
      figures::position_plot(view.snapshot, options, rule_by_position,
                             fmt::format("rule from h_L, step {}", widgets::format_step(double(view.step))));
  if (curves) plot.legend = widgets::LegendPlace::None; // stands over the curves
  draw_free_plot(view, "rule-by-position", plot, by_position_, parts.second);
}

bool HeadView::recorded(const View& view) {
  return any_series(view, "head/");
}

void HeadView::draw(const View& view) {
  ImGui::SameLine();
  probe_help(view, "in-context");
  auto options = view.member_plot_options();
  options.title = true;
  std::vector<figures::HeadScore> scores;
  std::vector<std::string> names;
  for (const auto& score : figures::head_scores())
    if (figures::count_head_layers(view.snapshot, options, score) > 0) {
      scores.push_back(score);
      names.push_back(score.title);
    }
  if (scores.empty()) return nothing_of(view, "scores of heads of " + view.member->name);
  score_ = std::clamp(score_, 0, static_cast<int>(scores.size()) - 1);
  beside(em() * 11, em() * 0.7f);
  if (const auto chosen = combo(view, "head-score", names, score_, em() * 11)) {
    score_ = *chosen;
    plots_.clear(); // another range
  }
  const auto& score = scores[static_cast<std::size_t>(score_)];
  view.readings["head-score"] = score.title;

  const PlotScope region("head-view");
  const Parts parts = split_region(0.45f, em() * 34, em() * 8);
  figures::PlotOptions here = view.member_plot_options();
  here.step = view.step;
  const auto table = figures::head_table(*view.member, here);
  const auto done = widgets::interactive_grid(view.widgets, "head-table", table, parts.first, {}, false);
  if (done.hovered_map && done.hovered_cell) {
    const auto& map = table.cells[static_cast<std::size_t>(*done.hovered_map)];
    ImGui::SetTooltip(
        "%s\nlayer %d, head %d: %s", map.title.c_str(), done.hovered_cell->row + 1,
        done.hovered_cell->column + 1,
        widgets::format_value(map.at(done.hovered_cell->row, done.hovered_cell->column)).c_str());
    // A click on a score shows its curves.
    const auto of_map = std::ranges::find(names, map.title);
    if (done.clicked_map && of_map != names.end()) score_ = static_cast<int>(of_map - names.begin());
  }
  if (parts.beside) ImGui::SameLine(0, parts.gap);

  std::vector<widgets::LinePlot> plots;
  const int layers = figures::count_head_layers(view.snapshot, options, score);
  for (options.layer = 1; options.layer <= layers; ++options.layer)
    plots.push_back(figures::head_score_plot(view.snapshot, options, score));
  std::vector<const widgets::LinePlot*> all;
  for (const auto& plot : plots) all.push_back(&plot);
  ImGui::BeginChild("head-curves", widgets::to_imgui(parts.second), false,
                    ImGuiWindowFlags_NoScrollWithMouse);
  legend_row(view, "legend-heads", all, hidden_);
  const PlotGrid grid = plot_grid(layers, em() * 10, em() * 6.2f);
  for (int i = 0; i < layers; ++i) {
    if (i % grid.columns) ImGui::SameLine();
    auto& plot = plots[static_cast<std::size_t>(i)];
    make_compact(plot);
    const std::string id = fmt::format("head-layer-{}", i + 1);
    plots_[id].hidden = hidden_;
    draw_plot(view, id, plot, plots_[id], grid.each);
  }
  ImGui::EndChild();
}

} // namespace plateau::window
