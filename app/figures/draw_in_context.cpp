// The figures of learning in context.
#include <algorithm>

#include "app/figures/draw_figures.h"
#include "app/figures/in_context.h"
#include "app/figures/metric_plots.h"
#include "app/figures/separate_curves.h"

namespace plateau::figures {
namespace {

using widgets::Canvas;
using widgets::PlotStyle;
using widgets::Rect;

constexpr const char* by_position = "context/accuracy";

const training::MemberView* member_with(const training::Snapshot& snapshot, const PlotOptions& options,
                                        bool (*has)(const training::MemberView& member)) {
  const auto chosen = chosen_members(snapshot, options);
  const auto found = std::ranges::find_if(chosen, [&](const auto* member) { return has(*member); });
  return found == chosen.end() ? chosen.front() : *found;
}

} // namespace

void draw_in_context_positions(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                               const PlotOptions& options, const PlotStyle& style) {
  const auto* member = member_with(snapshot, options, [](const training::MemberView& m) {
    return !recorded_positions(m, by_position).empty();
  });
  const float gap = style.gap * 2, left = (outer.width - gap) * 0.58f;
  draw(canvas, position_history(snapshot, *member, with_title(options), by_position),
       Rect{outer.x, outer.y, left, outer.height}, style);
  draw(canvas, position_plot(snapshot, with_title(options), by_position, "accuracy by place"),
       Rect{outer.x + left + gap, outer.y, outer.width - left - gap, outer.height}, style);
}

void draw_in_context_scores(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                            const PlotOptions& options, const PlotStyle& style) {
  const bool several = chosen_members(snapshot, options).size() > 1;
  auto plots = several ? metric_plots(snapshot, with_title(options), separated(score_plots()))
                       : metric_plots(snapshot, with_title(options), score_plots());
  for (auto& plot : plots) // plateaus of several members would lie over what is near the upper edge
    std::erase_if(plot.spans, [](const widgets::Span& span) { return span.lane >= 0; });
  const int columns = std::clamp(int(plots.size()), 1, several ? 3 : 2);
  draw_plots(canvas, outer, std::move(plots), columns, style);
}

void draw_component_scores(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                           const PlotOptions& options, const PlotStyle& style) {
  auto plots = metric_plots(snapshot, with_title(options), component_plots());
  const int columns = std::clamp(int(plots.size()), 1, outer.width > 1.2f * outer.height ? 3 : 2);
  draw_plots(canvas, outer, std::move(plots), columns, style);
}

void draw_head_scores(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                      const PlotOptions& options, const PlotStyle& style) {
  const auto* member = member_with(
      snapshot, options, [](const training::MemberView& m) { return !head_table(m, {}).cells.empty(); });
  PlotOptions own = with_title(options);
  own.members = {member->id};
  const float table = outer.height * 0.5f;
  draw(canvas, head_table(*member, own), Rect{outer.x, outer.y, outer.width, table}, style);
  // Of each score the layer whose heads reach most.
  std::vector<widgets::LinePlot> plots;
  for (const HeadScore& score : head_scores()) {
    const int layers = count_head_layers(snapshot, own, score);
    if (layers == 0) continue;
    std::optional<widgets::LinePlot> best;
    double most = -1;
    for (own.layer = 1; own.layer <= layers; ++own.layer) {
      auto plot = head_score_plot(snapshot, own, score);
      plot.title = score.title + ", " + plot.title;
      widgets::LinePlot alone; // without the guide
      alone.curves = plot.curves;
      const auto reach = widgets::fit_y(alone, {});
      if (best && (!reach || reach->high <= most)) continue;
      most = reach ? reach->high : most;
      best = std::move(plot);
    }
    plots.push_back(std::move(*best));
  }
  const int columns = std::max(1, int(plots.size()));
  draw_plots(canvas,
             Rect{outer.x, outer.y + table + style.gap, outer.width, outer.height - table - style.gap},
             std::move(plots), columns, style);
}

} // namespace plateau::figures
