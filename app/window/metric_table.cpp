#include "app/window/metric_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/plots.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

bool MetricTable::draw(const View& view, const std::string& id, std::span<const figures::MetricPlot> plots,
                       const figures::PlotOptions& options, widgets::Size size, float least_width) {
  std::vector<std::pair<std::string, widgets::LinePlot>> shown;
  for (const auto& plot : plots)
    if (auto drawn = metric_plot(view.snapshot, options, plot); !drawn.curves.empty())
      shown.emplace_back(plot.name, std::move(drawn));
  if (shown.empty()) return false;
  ImGui::BeginChild(id.c_str(), widgets::to_imgui(size), false, ImGuiWindowFlags_NoScrollWithMouse);
  std::vector<const widgets::LinePlot*> all;
  bool any_entry = false;
  for (const auto& [name, plot] : shown) {
    all.push_back(&plot);
    any_entry |= std::ranges::any_of(plot.curves, &widgets::Curve::in_legend);
  }
  if (any_entry) {
    const LowControls low;
    legend_row(view, "legend-" + id, all, hidden_);
  }
  const PlotGrid grid = balanced_grid(static_cast<int>(shown.size()), em() * least_width, em() * 6.2f);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    auto& [name, plot] = shown[i];
    if (i % static_cast<std::size_t>(grid.columns)) ImGui::SameLine();
    make_compact(plot);
    // Plateaus of several members are told above; their bars would lie over what is near the upper edge.
    std::erase_if(plot.spans, [](const widgets::Span& span) { return span.lane >= 0; });
    plots_[name].hidden = hidden_;
    draw_plot(view, name, plot, plots_[name], grid.each);
  }
  ImGui::EndChild();
  return true;
}

} // namespace plateau::window
