// The figures of what the optimizer meets, and of the values that heads read.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/figures/curves.h"
#include "app/figures/draw_figures.h"
#include "app/figures/optimizer.h"
#include "app/figures/values.h"

namespace plateau::figures {
namespace {

using widgets::Canvas;
using widgets::PlotStyle;
using widgets::Rect;

/// Cells of a grid as square as the page allows, row by row.
std::vector<Rect> cells_of(const Rect& outer, std::size_t count, float gap) {
  const int columns =
      std::max(1, int(std::lround(std::sqrt(double(count) * outer.width / outer.height * 0.8))));
  const int used = std::min(columns, int(count)), rows = (int(count) + used - 1) / used;
  const float width = (outer.width - gap * float(used - 1)) / float(used);
  const float height = (outer.height - gap * float(rows - 1)) / float(rows);
  std::vector<Rect> cells;
  for (int i = 0; i < int(count); ++i)
    cells.push_back({outer.x + float(i % used) * (width + gap), outer.y + float(i / used) * (height + gap),
                     width, height});
  return cells;
}

std::string noise_line(const NoiseNumbers& numbers) {
  return fmt::format("skew {:.2f}, excess kurtosis {:.2f}, p99 / median {:.2f}, {} draws", numbers.skew,
                     numbers.kurtosis, numbers.p99 / numbers.median,
                     widgets::format_step(double(numbers.draws)));
}

} // namespace

void draw_gradient_noise(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                         const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "noise/errors");
  const float line = style.label * 2.2f, gap = style.gap * 2, half = (outer.width - gap) / 2;
  if (const auto numbers = noise_numbers(*member, options.step))
    canvas.text({outer.x + style.gap, outer.bottom() - style.label * 0.6f},
                fit_text(canvas, noise_line(*numbers), outer.width, style.label),
                {.size = style.label, .color = style.theme.dim_text});
  const float height = outer.height - line;
  draw(canvas, noise_histogram(*member, with_title(options)), Rect{outer.x, outer.y, half, height}, style);
  draw(canvas, noise_quantiles(*member, with_title(options)),
       Rect{outer.x + half + gap, outer.y, half, height}, style);
}

void draw_condition_number(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                           const PlotOptions& options, const PlotStyle& style) {
  const auto own = with_title(options);
  auto entries = curvature_plot(snapshot, own, false), ratio = condition_plot(snapshot, own, false);
  entries.title = "|H_ii|";
  const float gap = style.gap * 2, half = (outer.width - gap) / 2;
  draw(canvas, entries, Rect{outer.x, outer.y, half, outer.height}, style);
  draw(canvas, ratio, Rect{outer.x + half + gap, outer.y, half, outer.height}, style);
}

void draw_smoothness(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                     const PlotOptions& options, const PlotStyle& style) {
  draw(canvas, smoothness_plot(snapshot, options), outer, style);
}

void draw_gradient_smoothness(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                              const PlotOptions& options, const PlotStyle& style) {
  std::vector<widgets::Scatter> plots;
  for (const auto* member : chosen_members(snapshot, options)) {
    auto plot = gradient_smoothness(*member, with_title(options));
    if (!plot.points.empty()) plots.push_back(std::move(plot));
  }
  constexpr std::size_t most = 6; // more do not fit a page
  plots.resize(std::min(plots.size(), most));
  share_axes(plots);
  const auto cells = cells_of(outer, plots.size(), style.gap * 2);
  for (std::size_t i = 0; i < plots.size(); ++i) draw(canvas, plots[i], cells[i], style);
}

void draw_linear_matrices(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                          const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "linear/matrices");
  auto distances = matrix_distance_plot(*member, with_title(options));
  const float split = distances.curves.empty() ? 1 : 0.62f, width = outer.width * split;
  draw(canvas, linear_matrices(*member, with_title(options)), Rect{outer.x, outer.y, width, outer.height},
       style);
  if (distances.curves.empty()) return;
  draw(canvas, distances, Rect{outer.x + width, outer.y, outer.width - width, outer.height}, style);
}

void draw_values(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                 const PlotOptions& options, const PlotStyle& style) {
  std::vector<widgets::LinePlot> plots;
  for (const Measure& measure : value_measures()) {
    auto plot = value_plot(snapshot, with_title(options), measure.name);
    if (!plot.curves.empty()) plots.push_back(std::move(plot));
  }
  const int columns = std::min<int>(int(plots.size()), outer.width > 1.2f * outer.height ? 3 : 2);
  draw_plots(canvas, outer, std::move(plots), columns, style);
}

void draw_gradient_descent(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                           const PlotOptions& options, const PlotStyle& style) {
  draw(canvas, gradient_descent_plot(snapshot, options), outer, style);
}

} // namespace plateau::figures
