#include "app/window/feature_views.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/tensors.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/interactive_bars.h"
#include "widgets/interactive_map.h"
#include "widgets/interactive_scatter.h"

namespace plateau::window {
namespace {

bool any_metric(const View& view, std::span<const figures::MetricPlot> plots) {
  return std::ranges::any_of(plots, [&](const auto& plot) {
    return std::ranges::any_of(plot.curves,
                               [&](const auto& curve) { return any_series(view, curve.metric); });
  });
}

/// Of the member selected: why there is none, and what to do.
void nothing_of(const View& view, const char* what, const char* field, std::int64_t every) {
  const training::MemberView& m = *view.member;
  if (!is_modular_arithmetic(m.settings))
    return empty_state(view, fmt::format("{} has no {}", m.name, what),
                       "They are measured in studies of modular arithmetic.");
  if (every == 0)
    return empty_state(view, fmt::format("No {} recorded", what),
                       fmt::format("Set {} above 0 to measure them every so many steps.", field));
  empty_state(view, fmt::format("No {} here yet", what),
              view.step < view.last_step ? "Move the playhead to a later step."
                                         : "They come with the first probed step.");
}

void no_features(const View& view, const char* what) {
  nothing_of(view, what, "probes.features_every", view.member->settings.probes.features_every);
}

/// The visible members' arrays at the step shown; of the selected one alone where only it is wanted.
std::vector<figures::MemberArrays> visible_arrays(const View& view, const CurveScope& scope) {
  std::vector<figures::MemberArrays> arrays;
  for (const auto& m : view.snapshot.members)
    if (scope.several(view) ? view.is_visible(m.id) : m.id == view.member->id)
      arrays.push_back({&m, view.frame_of(m.id)});
  return arrays;
}

} // namespace

void EmbeddingView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "features", figures::embedding_plots());
  scope.boxes(view, "features");
  const auto recorded = figures::tensor(*view.member, "features/embedding-spectrum");
  if (!recorded && !any_metric(view, figures::embedding_plots()))
    return no_features(view, "features of the embedding");
  const PlotScope region("embedding-view");
  const Parts parts = split_region(0.6f, em() * 34, em() * 9.5f);
  if (ImGui::BeginChild("embedding-arrays", widgets::to_imgui(parts.first))) {
    if (!recorded) {
      no_features(view, "spectrum of the embedding");
    } else {
      const float gap = em() * 0.4f;
      const float circle = std::min(parts.first.height * 1.28f, (parts.first.width - gap) * 0.55f);
      const widgets::Size bars = {parts.first.width - gap - circle, parts.first.height};
      auto options = view.member_plot_options();
      options.step = view.step;
      auto histogram = figures::embedding_spectrum(*view.member, options);
      histogram.title = "power by frequency";
      const auto bar = widgets::show_histogram(view.widgets, "embedding-spectrum", histogram, bars);
      if (bar)
        ImGui::SetTooltip(
            "frequency %zu: %s", *bar + 1,
            widgets::format_value(histogram.shares[*bar], widgets::NumberStyle::Percent).c_str());
      const auto strongest = figures::strongest_frequencies(*view.member);
      view.readings["strongest-frequency"] = strongest.empty() ? "" : std::to_string(strongest.front());
      ImGui::SameLine(0, gap);
      auto ring = figures::embedding_circle(*view.member, options);
      if (!strongest.empty()) ring.title = fmt::format("frequency {}", strongest.front());
      // The title says what they are of, and room is scarce.
      ring.x.title = "cos";
      ring.y.title = "sin";
      ring.bar.title.clear();
      widgets::interactive_scatter(view.widgets, "embedding-circle", ring, {circle, parts.first.height});
    }
  }
  ImGui::EndChild();
  if (parts.beside) ImGui::SameLine(0, parts.gap);
  table_.draw(view, "embedding-curves", figures::embedding_plots(), scope.options(view), parts.second, 6.5f);
}

void SpectrumView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "features", figures::rank_plots());
  scope.boxes(view, "features");
  auto options = scope.options(view);
  const auto spectrum = figures::feature_spectrum(visible_arrays(view, scope), options);
  if (spectrum.curves.empty() && !any_metric(view, figures::rank_plots()))
    return no_features(view, "spectrum of the features");
  const PlotScope region("spectrum-view");
  const Parts parts = split_region(0.45f, em() * 34, em() * 9.5f);
  draw_free_plot(view, "feature-spectrum", spectrum, spectrum_, parts.first);
  if (parts.beside) ImGui::SameLine(0, parts.gap);
  table_.draw(view, "rank-curves", figures::rank_plots(), options, parts.second, 8);
}

void OperandView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "features", figures::entropy_plots());
  scope.boxes(view, "features");
  auto options = view.member_plot_options();
  auto bars = figures::operand_attention(*view.member, options);
  if (bars.groups.empty() && !any_metric(view, figures::entropy_plots()))
    return no_features(view, "attention to the operands");
  const PlotScope region("operand-view");
  const Parts parts = split_region(0.58f, em() * 34, em() * 9);
  const bool curves =
      table_.draw(view, "entropy-curves", figures::entropy_plots(), scope.options(view), parts.first, 10);
  if (curves && parts.beside) ImGui::SameLine(0, parts.gap);
  bars.title = view.member->name;
  bars.y.title = "attention of the last token";
  bars.empty_text = "Nothing recorded by this step";
  widgets::interactive_bars(view.widgets, "operand-attention", bars, parts.second);
}

void CircuitView::draw(const View& view) {
  ImGui::SameLine();
  metrics_help(view, "features", figures::circuit_plots());
  scope_.boxes(view, "circuit");
  const bool recorded = any_series(view, "loss/restricted") || any_series(view, "loss/shortcut");
  if (!recorded) return no_features(view, "losses of the circuit");
  const ImVec2 space = ImGui::GetContentRegionAvail();
  if (scope_.several(view)) {
    table_.draw(view, "circuit-losses", figures::circuit_plots(), scope_.options(view), {space.x, space.y});
    return;
  }
  auto options = view.member_plot_options();
  auto plot = figures::metric_plot(view.snapshot, options, figures::circuit_plot());
  plot.y.title = view.member->name + ": loss";
  draw_plot(view, "circuit", plot, plot_, {space.x, space.y});
}

void LogitView::map(const View& view, widgets::Size size) {
  const auto logits = figures::tensor(*view.member, "features/correct-logit");
  const std::string key = fmt::format("{} {}", view.member->id, view.widgets.theme.dark);
  if (key != key_ || logits != logits_) {
    key_ = key;
    logits_ = logits;
    auto options = view.member_plot_options();
    grid_ = figures::correct_logit_grid(*view.member, options);
  }
  const auto done = widgets::interactive_grid(view.widgets, "correct-logit", grid_, size, {}, false);
  if (!done.hovered_cell) return;
  const auto [a, b] = *done.hovered_cell;
  const auto c = figures::result_of(view.member->settings.task, a, b);
  const float value = grid_.cells.front().at(a, b);
  view.readings["pair"] =
      c ? fmt::format("a = {}, b = {}, c = {}", a, b, *c) : fmt::format("a = {}, b = {}: no such pair", a, b);
  ImGui::SetTooltip("%s\nlogit %s", view.readings["pair"].c_str(), widgets::format_value(value).c_str());
}

void LogitView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "features", figures::logit_plots());
  scope.boxes(view, "features");
  const auto recorded = figures::tensor(*view.member, "features/correct-logit");
  if (!recorded && !any_metric(view, figures::logit_plots())) return no_features(view, "logits");
  const PlotScope region("logit-view");
  const Parts parts = split_region(0.68f, em() * 34, em() * 11);
  if (ImGui::BeginChild("logit-arrays", widgets::to_imgui(parts.first))) {
    if (!recorded) {
      no_features(view, "logits");
    } else {
      const float gap = em() * 0.4f;
      const float side = std::min(parts.first.height * 1.3f, (parts.first.width - gap) * 0.55f);
      map(view, {side, parts.first.height});
      ImGui::SameLine(0, gap);
      const widgets::Size rest = {parts.first.width - side - gap, parts.first.height};
      auto profile = figures::diagonal_profile(visible_arrays(view, scope), scope.options(view));
      if (rest.width < em() * 20) profile.legend = widgets::LegendPlace::None; // told by the table of members
      draw_free_plot(view, "diagonal", profile, diagonal_, rest);
    }
  }
  ImGui::EndChild();
  if (parts.beside) ImGui::SameLine(0, parts.gap);
  table_.draw(view, "logit-curves", figures::logit_plots(), scope.options(view), parts.second, 9);
}

void NormView::draw(const View& view, CurveScope& scope) {
  ImGui::SameLine();
  metrics_help(view, "update", figures::norm_plots());
  scope.boxes(view, "features");
  const ImVec2 space = ImGui::GetContentRegionAvail();
  if (!table_.draw(view, "norm-curves", figures::norm_plots(), scope.options(view), {space.x, space.y}, 8.5f))
    nothing_of(view, "norms", "probes.gradients_every and probes.weights_every",
               view.member->settings.probes.gradients_every);
}

} // namespace plateau::window
