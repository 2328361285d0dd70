// Heat maps and histograms in the window: hover and click.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "widgets/context.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"

namespace plateau::widgets {

struct MapInteraction {
  std::optional<int> hovered_map;   // index into HeatMapGrid::cells
  std::optional<Cell> hovered_cell; // inside it
  std::optional<int> clicked_map;
  std::optional<Cell> clicked_cell;
};

/// Draws the grid; outlines the map under the mouse and `pinned`. With `tooltip` the hovered cell's value is
/// told. Marks "ID" and "ID/INDEX" per map.
MapInteraction interactive_grid(Context& context, std::string_view id, const HeatMapGrid& grid, Size size,
                                std::optional<int> pinned = {}, bool tooltip = true);

/// Draws one heat map that fills `size`. Marks "ID".
MapInteraction interactive_heat_map(Context& context, std::string_view id, const HeatMap& map, Size size,
                                    std::optional<Cell> pinned = {}, bool tooltip = true);

/// Draws the picture with square pixels inside `size`; returns where. Marks "ID".
Rect show_image(Context& context, std::string_view id, const Image& image, Size size,
                Interpolation interpolation = Interpolation::Nearest);

struct HistoryInteraction {
  std::optional<double> hovered_x, clicked_x;
  std::optional<std::size_t> hovered_bin; // of the step hovered_x
};
/// The tooltip tells the quantiles at the step under the mouse; without quantiles what `tell` says of a step
/// (its index) and a bin. Marks "ID" and "ID/area".
HistoryInteraction
interactive_history(Context& context, std::string_view id, const HistogramHistory& history, Size size,
                    const std::function<std::string(std::size_t step, std::size_t bin)>& tell = {});
/// Returns the bar under the mouse. Marks "ID".
std::optional<std::size_t> show_histogram(Context& context, std::string_view id, const Histogram& histogram,
                                          Size size);

} // namespace plateau::widgets
