#include "app/window/plots.h"

#include <algorithm>
#include <cmath>

#include <imgui.h>

#include "app/window/elements.h"

namespace plateau::window {

void draw_plot(const View& view, const std::string& id, const widgets::LinePlot& plot,
               widgets::PlotView& plot_view, widgets::Size size) {
  std::optional<double> cursor = view.cursor.shown;
  const auto done = widgets::interactive_plot(view.widgets, "plot-" + id, plot, plot_view, size, &cursor);
  if (done.hovered_x) view.cursor.next = cursor;
  if (done.clicked_x) view.ask(Scrub{std::llround(*done.clicked_x)});
}

PlotGrid plot_grid(int count, float smallest_width, float smallest_height) {
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const ImVec2 gap = ImGui::GetStyle().ItemSpacing;
  // The fewest rows whose columns are wide enough.
  int columns = std::clamp(static_cast<int>((space.x + gap.x) / (smallest_width + gap.x)), 1, count);
  const int rows = (count + columns - 1) / columns;
  columns = (count + rows - 1) / rows; // evenly filled
  const auto share = [](float whole, int parts, float between) {
    return (whole - between * static_cast<float>(parts - 1)) / static_cast<float>(parts);
  };
  return {columns, {share(space.x, columns, gap.x), std::max(smallest_height, share(space.y, rows, gap.y))}};
}

} // namespace plateau::window
