#include "app/window/plots.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

void draw_plot(const View& view, const std::string& id, const widgets::LinePlot& plot,
               widgets::PlotView& plot_view, widgets::Size size) {
  std::optional<double> cursor = view.cursor.shown;
  const auto done = widgets::interactive_plot(view.widgets, "plot-" + id, plot, plot_view, size, &cursor);
  if (done.hovered_x) view.cursor.next = cursor;
  if (done.clicked_x) view.ask(Scrub{std::llround(*done.clicked_x)});
}

void make_compact(widgets::LinePlot& plot) {
  plot.legend = widgets::LegendPlace::None;
  for (auto& mark : plot.marks) mark.label.clear();
  for (auto& span : plot.spans) span.label.clear();
  plot.y.title.clear();
}

void legend_row(const View& view, const std::string& id, const std::vector<const widgets::LinePlot*>& plots,
                widgets::Hidden& hidden) {
  widgets::push_font(view.widgets.fonts.small);
  const float swatch = em() * 1.3f, gap = em() * 0.35f, between = em() * 0.8f;
  const auto width_of = [&](const std::string& name) {
    return swatch + gap + ImGui::CalcTextSize(name.c_str()).x;
  };
  std::vector<const widgets::Curve*> entries;
  float whole = 0;
  for (const widgets::LinePlot* plot : plots)
    for (const widgets::Curve& curve : plot->curves) {
      const auto same = [&](const widgets::Curve* e) {
        return widgets::group_of(*e) == widgets::group_of(curve);
      };
      if (!curve.in_legend || std::ranges::any_of(entries, same)) continue;
      entries.push_back(&curve);
      whole += width_of(widgets::group_of(curve)) + between;
    }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& name = widgets::group_of(*entries[i]);
    const float width = width_of(name), height = ImGui::GetFrameHeight();
    beside(i == 0 ? whole : width, between);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool shown = !hidden.contains(name);
    if (ImGui::InvisibleButton(fmt::format("##{}/{}", id, name).c_str(), {width, height})) {
      if (shown)
        hidden.insert(name);
      else
        hidden.erase(name);
    }
    mark(view, fmt::format("{}/{}", id, name));
    if (ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    const float strength = shown ? 1 : 0.35f;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float middle = at.y + height / 2;
    list->AddLine({at.x, middle}, {at.x + swatch, middle},
                  widgets::to_u32(entries[i]->color.with_alpha(strength)), view.widgets.style.line);
    list->AddText({at.x + swatch + gap, middle - ImGui::GetFontSize() / 2},
                  widgets::to_u32(view.widgets.theme.text.with_alpha(strength)), name.c_str());
  }
  ImGui::PopFont();
}

PlotScope::PlotScope(const char* id) {
  // The wheel zooms the plots: scrolling is by the bar.
  ImGui::BeginChild(id, {0, 0}, false, ImGuiWindowFlags_NoScrollWithMouse);
}

PlotScope::~PlotScope() {
  ImGui::EndChild();
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
