#include "app/window/plots.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/corrected_plateaus.h"
#include "app/window/elements.h"
#include "app/window/plot_menu.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

void draw_plot(const View& view, const std::string& id, widgets::LinePlot plot, widgets::PlotView& plot_view,
               widgets::Size size) {
  SharedPlots& shared = view.plots;
  if (shared.run != view.run) { // another run has other steps
    shared.run = view.run;
    shared.range.reset(), shared.scale.reset();
  }
  if (shared.linked) plot_view.x = shared.range, plot_view.x_kind = shared.scale;
  make_movable(view, plot);
  std::optional<double> cursor = shared.cursor;
  const auto done = widgets::interactive_plot(view.widgets, "plot-" + id, plot, plot_view, size, &cursor);
  if (done.hovered_x) shared.next_cursor = cursor;
  if (shared.linked && done.view_changed) shared.range = plot_view.x;
  if (done.clicked_x) view.ask(Scrub{std::llround(*done.clicked_x)});
  if (done.moved) correct_plateau(view, *done.moved);
  plot_menu(view, id, plot, plot_view, done, true);
}

void draw_free_plot(const View& view, const std::string& id, const widgets::LinePlot& plot,
                    widgets::PlotView& plot_view, widgets::Size size) {
  const auto done = widgets::interactive_plot(view.widgets, "plot-" + id, plot, plot_view, size);
  plot_menu(view, id, plot, plot_view, done, false);
}

std::optional<widgets::ScaleKind> step_scale(const View& view, const widgets::PlotView& plot) {
  return view.plots.linked ? view.plots.scale : plot.x_kind;
}

void set_step_scale(const View& view, widgets::PlotView& plot, std::optional<widgets::ScaleKind> scale) {
  plot.x_kind = scale;
  if (view.plots.linked) view.plots.scale = scale;
}

bool log_box(const View& view, const char* id, const char* label, std::optional<widgets::ScaleKind>& scale) {
  bool logarithmic = scale == widgets::ScaleKind::Log;
  if (!checkbox(view, id, label, logarithmic)) return false;
  scale = logarithmic ? widgets::ScaleKind::Log : widgets::ScaleKind::Linear;
  return true;
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
  struct Entry {
    std::string name;
    widgets::Color color;
    widgets::Dash dash = widgets::Dash::Solid;
  };
  std::vector<Entry> entries, kinds;
  const auto add = [](std::vector<Entry>& to, Entry entry) {
    if (std::ranges::find(to, entry.name, &Entry::name) == to.end()) to.push_back(std::move(entry));
  };
  for (const widgets::LinePlot* plot : plots)
    for (const widgets::Curve& curve : plot->curves) {
      if (!curve.in_legend) continue;
      const bool dashed = curve.kind.empty() && curve.dash == widgets::Dash::Dashed;
      add(entries,
          {widgets::group_of(curve), curve.color, dashed ? widgets::Dash::Dashed : widgets::Dash::Solid});
      if (!curve.kind.empty()) add(kinds, {curve.kind, view.widgets.theme.dim_text, curve.dash});
    }
  if (kinds.size() > 1) entries.insert(entries.end(), kinds.begin(), kinds.end());
  float whole = 0;
  for (const Entry& entry : entries) whole += width_of(entry.name) + between;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& name = entries[i].name;
    const float width = width_of(name), height = ImGui::GetFrameHeight();
    // On a region's first line there is nothing to stand beside.
    const bool alone = i == 0 && ImGui::GetCursorPosY() <= ImGui::GetCursorStartPos().y;
    if (!alone) beside(i == 0 ? whole : width, between);
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
    {
      widgets::ImGuiCanvas canvas(*list, view.widgets.fonts, view.widgets.textures);
      canvas.line({at.x, middle}, {at.x + swatch, middle},
                  {entries[i].color.with_alpha(strength), view.widgets.style.line, entries[i].dash});
    }
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

PlotGrid balanced_grid(int count, float smallest_width, float smallest_height) {
  constexpr float best = 1.6f; // width over height
  const ImVec2 space = ImGui::GetContentRegionAvail(), gap = ImGui::GetStyle().ItemSpacing;
  PlotGrid chosen = plot_grid(count, smallest_width, smallest_height);
  float least = std::abs(std::log(chosen.each.width / chosen.each.height / best));
  // Fewer columns, as long as nothing has to scroll.
  for (int columns = chosen.columns - 1; columns >= 1; --columns) {
    const int rows = (count + columns - 1) / columns;
    const float width = (space.x - gap.x * static_cast<float>(columns - 1)) / static_cast<float>(columns);
    const float height = (space.y - gap.y * static_cast<float>(rows - 1)) / static_cast<float>(rows);
    if (height < smallest_height) break;
    const float off = std::abs(std::log(width / height / best));
    if (off >= least) continue;
    least = off;
    chosen = {columns, {width, height}};
  }
  return chosen;
}

} // namespace plateau::window
