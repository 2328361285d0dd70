// The figures of modular arithmetic.
#include <algorithm>

#include <fmt/format.h>

#include "app/figures/draw_figures.h"
#include "app/figures/features.h"
#include "app/figures/metric_plots.h"

namespace plateau::figures {
namespace {

using widgets::Canvas;
using widgets::PlotStyle;
using widgets::Rect;

struct Halves {
  Rect left, right;
};

Halves split(const Rect& outer, float share, const PlotStyle& style) {
  const float gap = style.gap * 2, left = (outer.width - gap) * share;
  return {{outer.x, outer.y, left, outer.height},
          {outer.x + left + gap, outer.y, outer.width - gap - left, outer.height}};
}

void draw_grid(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
               const PlotOptions& options, const PlotStyle& style, std::span<const MetricPlot> which,
               int columns) {
  auto plots = metric_plots(snapshot, with_title(options), which);
  columns = std::clamp(columns, 1, std::max(1, int(plots.size())));
  draw_plots(canvas, outer, std::move(plots), columns, style);
}

} // namespace

void draw_grokking(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                   const PlotOptions& options, const PlotStyle& style) {
  const auto [left, right] = split(outer, 0.5f, style);
  auto accuracy = grokking_accuracy_plot(snapshot, options);
  draw(canvas, grokking_loss_plot(snapshot, options), left, style);
  draw(canvas, accuracy, right, style);
}

void draw_embedding_spectrum(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                             const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "features/embedding-spectrum");
  const auto [left, right] = split(outer, 0.5f, style);
  draw(canvas, embedding_spectrum(*member, with_title(options)), left, style);
  PlotOptions own = options;
  if (own.members.empty()) own.members = {member->id}; // as the bars beside
  draw_grid(canvas, right, snapshot, own, style, embedding_plots(), 2);
}

void draw_circle(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                 const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "features/circle");
  auto circle = embedding_circle(*member, with_title(options));
  circle.title = member->name + ", " + circle.title;
  draw(canvas, circle, outer, style);
}

void draw_feature_spectrum(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                           const PlotOptions& options, const PlotStyle& style) {
  draw(canvas, feature_spectrum(chosen_arrays(snapshot, options), options), outer, style);
}

void draw_effective_rank(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                         const PlotOptions& options, const PlotStyle& style) {
  draw_grid(canvas, outer, snapshot, options, style, rank_plots(), 2);
}

void draw_attention_entropy(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                            const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "features/attention");
  const auto bars = operand_attention(*member, with_title(options));
  const auto [left, right] = split(outer, bars.groups.empty() ? 1 : 0.62f, style);
  draw_grid(canvas, left, snapshot, options, style, entropy_plots(), 2);
  if (!bars.groups.empty()) draw(canvas, bars, right, style);
}

void draw_circuit_loss(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                       const PlotOptions& options, const PlotStyle& style) {
  if (chosen_members(snapshot, options).size() > 1)
    return draw_grid(canvas, outer, snapshot, options, style, circuit_plots(), 2);
  auto plot = metric_plot(snapshot, options, circuit_plot());
  plot.y.title = "loss";
  draw(canvas, plot, outer, style);
}

void draw_correct_logit(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                        const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "features/correct-logit");
  const auto [left, right] = split(outer, 0.55f, style);
  draw(canvas, correct_logit_grid(*member, with_title(options)), left, style);
  draw(canvas, diagonal_profile(chosen_arrays(snapshot, options), with_title(options)), right, style);
}

} // namespace plateau::figures
