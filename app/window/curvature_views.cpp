#include "app/window/curvature_views.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/curvature_cost.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"
#include "widgets/axis.h"
#include "widgets/interactive_scatter.h"

namespace plateau::window {
namespace {

constexpr std::size_t most_points = 600; // of a scatter plot in the window
constexpr std::size_t most_plots = 6;

bool any_visible_has(const View& view, const std::string& metric) {
  return std::ranges::any_of(view.snapshot.members, [&](const auto& m) {
    return view.is_visible(m.id) && m.series.contains(metric);
  });
}

/// Says what to set where no visible member has this curve.
bool nothing_recorded(const View& view, const std::string& metric, const char* what, const char* field,
                      std::int64_t every) {
  if (any_visible_has(view, metric)) return false;
  empty_state(view, fmt::format("No {} recorded", what),
              every > 0 ? "It comes with the first probed step of a visible member."
                        : fmt::format("Set {} above 0 to measure it every so many steps.", field));
  return true;
}

/// What is said above them all need not be said by each.
void make_small(widgets::Scatter& plot) {
  plot.bar.title.clear();
  plot.x.title = "|∇f|";
  plot.y.title = "S_t";
  plot.note_beside_title = true;
  for (const std::string word : {"Pearson ", "Spearman "})
    if (const auto at = plot.note.find(word); at != std::string::npos) plot.note.erase(at, word.size());
}

std::string coordinates_text(const View& view) {
  const auto& m = *view.member;
  const auto measured = value_at(m, "curvature/coordinates", view.step);
  if (!measured) return {};
  std::string text = fmt::format("{} of {} weights", widgets::format_step(*measured),
                                 widgets::format_step(double(m.parameters)));
  if (const auto dead = value_at(m, "curvature/dead", view.step))
    text += fmt::format(", {} dead", *dead > 0 ? widgets::format_step(*dead) : "none");
  return text;
}

} // namespace

void ConditionView::draw(const View& view) {
  checkbox(view, "condition-live-only", "without dead weights", live_only_);
  const std::string measured = coordinates_text(view);
  widgets::help(
      view.widgets,
      {.title = "Without dead weights",
       .text = "Weights that never reach the output have an entry of exactly 0, which draws the median "
               "down. The paper counts them in." +
               (measured.empty() ? "" : "\n" + view.member->name + ": " + measured + "."),
       .formula = {},
       .source = {},
       .shortcut = {}});
  probe_help(view, "curvature");
  seed_bands_.box(view, "condition-seed-bands");
  ImGui::SameLine(0, em() * 0.8f);
  const auto dead = value_at(*view.member, "curvature/dead", view.step);
  end_row(view, measured, dead ? fmt::format("{} dead", widgets::format_step(*dead)) : "");
  view.readings["condition"] = live_only_ ? "live" : "all";
  if (nothing_recorded(view, "curvature/largest", "curvature", "probes.curvature_every",
                       view.member->settings.probes.curvature_every))
    return;
  figures::PlotOptions options = view.plot_options();
  options.title = true;
  seed_bands_.set(options);
  auto entries = figures::curvature_plot(view.snapshot, options, live_only_);
  entries.title = "|H_ii|";
  const auto ratio = figures::condition_plot(view.snapshot, options, live_only_);
  const PlotScope scope("condition-plots");
  const PlotGrid grid = plot_grid(2, em() * 13, em() * 9);
  draw_plot(view, "curvature-entries", entries, entries_, grid.each);
  if (grid.columns > 1) ImGui::SameLine();
  draw_plot(view, "condition-number", ratio, ratio_, grid.each);
}

void SmoothnessView::draw(const View& view) {
  ImGui::AlignTextToFramePadding();
  dim_text(view, "curvature along each step");
  probe_help(view, "smoothness");
  seed_bands_.box(view, "smoothness-seed-bands");
  ImGui::SameLine(0, em() * 0.8f);
  end_row(view, "");
  if (nothing_recorded(view, "curvature/smoothness", "smoothness", "probes.smoothness_every",
                       view.member->settings.probes.smoothness_every))
    return;
  const ImVec2 space = ImGui::GetContentRegionAvail();
  figures::PlotOptions options = view.plot_options();
  seed_bands_.set(options);
  draw_plot(view, "smoothness", figures::smoothness_plot(view.snapshot, options), plot_, {space.x, space.y});
}

void GradientSmoothnessView::draw(const View& view) {
  ImGui::AlignTextToFramePadding();
  dim_text(view, plots_.size() > 1 ? "coloured by step, r Pearson, ρ Spearman" : "coloured by step");
  probe_help(view, "smoothness");
  ImGui::SameLine(0, em() * 0.8f);
  end_row(view, "a click goes there", " ");
  if (nothing_recorded(view, "curvature/smoothness", "smoothness", "probes.smoothness_every",
                       view.member->settings.probes.smoothness_every))
    return;
  std::string key = fmt::format("{} {}", view.following ? -1 : view.step, view.widgets.theme.dark);
  for (const auto& m : view.snapshot.members)
    if (const auto found = m.series.find("curvature/smoothness"); found != m.series.end())
      key += fmt::format(" {} {} {}", m.id, found->second.size(), view.is_visible(m.id));
  if (key != key_) {
    key_ = key;
    members_.clear();
    plots_.clear();
    figures::PlotOptions options = view.plot_options();
    options.title = true;
    for (const auto& m : view.snapshot.members) {
      if (!view.is_visible(m.id) || plots_.size() == most_plots) continue;
      auto plot = figures::gradient_smoothness(m, options, most_points);
      if (plot.points.empty()) continue;
      members_.push_back(m.id);
      plots_.push_back(std::move(plot));
    }
    figures::share_axes(plots_);
    if (plots_.size() > 1)
      for (auto& plot : plots_) make_small(plot);
  }
  if (plots_.empty())
    return empty_state(view, "No step with both yet", "The points come with the next measured steps.");
  const PlotScope scope("gradient-smoothness-plots");
  const PlotGrid grid = plot_grid(static_cast<int>(plots_.size()), em() * 11.5f, em() * 6.3f);
  for (std::size_t i = 0; i < plots_.size(); ++i) {
    if (i % static_cast<std::size_t>(grid.columns)) ImGui::SameLine();
    view.readings[fmt::format("correlation-{}", members_[i])] = plots_[i].note;
    const auto done = widgets::interactive_scatter(
        view.widgets, fmt::format("gradient-smoothness-{}", members_[i]), plots_[i], grid.each);
    if (done.hovered) view.plots.next_cursor = plots_[i].shades[*done.hovered];
    if (done.clicked) view.ask(Scrub{std::llround(plots_[i].shades[*done.clicked])});
  }
}

} // namespace plateau::window
