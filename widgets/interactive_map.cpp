#include "widgets/interactive_map.h"

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::widgets {
namespace {

// An invisible item of this size; its rectangle.
Rect place_item(std::string_view id, Size size) {
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const Rect outer{origin.x, origin.y, std::max(1.f, size.width), std::max(1.f, size.height)};
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("map", {outer.width, outer.height});
  ImGui::PopID();
  test_ids::mark(id, outer);
  return outer;
}

void show_cell(Context& context, const HeatMap& map, Cell cell, const std::string& caption) {
  ImGui::BeginTooltip();
  if (!caption.empty()) {
    push_font(context.fonts.small_semibold);
    ImGui::TextUnformatted(caption.c_str());
    ImGui::PopFont();
  }
  push_font(context.fonts.small);
  ImGui::TextUnformatted(fmt::format("row {}, column {}", cell.row, cell.column).c_str());
  ImGui::PopFont();
  push_font(context.fonts.mono);
  ImGui::TextUnformatted(format_value(map.at(cell.row, cell.column)).c_str());
  ImGui::PopFont();
  ImGui::EndTooltip();
}

void outline_cell(Canvas& canvas, const HeatMap& map, const Rect& cells, Cell cell, const Stroke& stroke) {
  const float width = cells.width / float(map.columns), height = cells.height / float(map.rows);
  const Rect one{cells.x + float(cell.column) * width, cells.y + float(cell.row) * height, width, height};
  // Tiny cells need a frame that can be seen.
  canvas.stroke_rect(one.inset(std::min(0.f, (std::min(width, height) - 6) / 2)), stroke);
}

} // namespace

MapInteraction interactive_grid(Context& context, std::string_view id, const HeatMapGrid& grid, Size size,
                                std::optional<int> pinned, bool tooltip) {
  MapInteraction result;
  const Rect outer = place_item(id, size);
  const bool hovered = ImGui::IsItemHovered(), clicked = ImGui::IsItemClicked();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  const HeatMapGridLayout place = layout(grid, canvas, outer, context.style);
  draw(canvas, grid, place, context.style);

  const Point mouse = from_imgui(ImGui::GetIO().MousePos);
  const std::size_t columns = std::max<std::size_t>(1, grid.column_captions.size());
  for (std::size_t i = 0; i < place.areas.size() && i < grid.cells.size(); ++i) {
    const HeatMap& map = grid.cells[i];
    if (map.rows == 0) continue;
    test_ids::mark(fmt::format("{}/{}", id, i), place.areas[i]);
    const auto frame = [&](Color color, float width) {
      canvas.stroke_rect(place.areas[i].inset(-width), {color, width}, 2 * context.scale);
    };
    if (pinned == int(i)) frame(context.theme.accent, 2 * context.scale);
    if (!hovered || !place.areas[i].contains(mouse)) continue;
    result.hovered_map = int(i);
    result.hovered_cell = cell_at(map, place.areas[i], mouse);
    if (clicked) result.clicked_map = result.hovered_map, result.clicked_cell = result.hovered_cell;
    if (pinned != int(i)) frame(context.theme.text.with_alpha(0.7f), 1.5f * context.scale);
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (tooltip && result.hovered_cell)
      show_cell(context, map, *result.hovered_cell,
                map.title.empty() ? grid.row_captions[i / columns] + ", " + grid.column_captions[i % columns]
                                  : map.title);
  }
  return result;
}

MapInteraction interactive_heat_map(Context& context, std::string_view id, const HeatMap& map, Size size,
                                    std::optional<Cell> pinned, bool tooltip) {
  MapInteraction result;
  const Rect outer = place_item(id, size);
  const PlotStyle& style = context.style;
  const float top = map.title.empty() ? 0 : style.label * 1.5f;
  const float left = map.y_label.empty() ? 0 : style.label * 1.6f;
  const float bottom = map.x_label.empty() ? 0 : style.label * 1.6f;
  const Rect cells =
      cells_area(map, {outer.x + left + 1, outer.y + top + 1, std::max(1.f, outer.width - left - 2),
                       std::max(1.f, outer.height - top - bottom - 2)});
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  draw(canvas, map, cells, style);
  test_ids::mark(std::string(id) + "/cells", cells);
  if (pinned) outline_cell(canvas, map, cells, *pinned, {context.theme.accent, 2 * context.scale});
  if (!ImGui::IsItemHovered()) return result;
  const auto cell = cell_at(map, cells, from_imgui(ImGui::GetIO().MousePos));
  if (!cell) return result;
  result.hovered_map = 0;
  result.hovered_cell = cell;
  if (ImGui::IsItemClicked()) result.clicked_map = 0, result.clicked_cell = cell;
  outline_cell(canvas, map, cells, *cell, {context.theme.text, context.scale});
  if (tooltip) show_cell(context, map, *cell, map.title);
  return result;
}

Rect show_image(Context& context, std::string_view id, const Image& image, Size size,
                Interpolation interpolation) {
  const Rect outer = place_item(id, size);
  const float scale = std::min(outer.width / float(std::max(1, image.width())),
                               outer.height / float(std::max(1, image.height())));
  const Size shown{float(image.width()) * scale, float(image.height()) * scale};
  const Rect where{outer.x + (outer.width - shown.width) / 2, outer.y + (outer.height - shown.height) / 2,
                   shown.width, shown.height};
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  canvas.image(where, image, interpolation);
  return where;
}

HistoryInteraction interactive_history(Context& context, std::string_view id, const HistogramHistory& history,
                                       Size size,
                                       const std::function<std::string(std::size_t, std::size_t)>& tell) {
  HistoryInteraction result;
  const Rect outer = place_item(id, size);
  const bool hovered = ImGui::IsItemHovered(), clicked = ImGui::IsItemClicked();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  const PlotLayout place = layout(history, canvas, outer, context.style);
  draw(canvas, history, place, context.style);
  test_ids::mark(std::string(id) + "/area", place.area);
  const Point mouse = from_imgui(ImGui::GetIO().MousePos);
  if (!hovered || !history.image || !place.area.contains(mouse)) return result;

  const auto& steps = history.steps;
  const std::size_t i = history.nearest_step(place.x.value(mouse.x));
  result.hovered_x = steps[i];
  result.hovered_bin = history.bin_at(place.y.value(mouse.y));
  if (clicked) result.clicked_x = steps[i];
  const float x = std::floor(place.x.position(steps[i])) + 0.5f;
  canvas.line({x, place.area.y}, {x, place.area.bottom()},
              {context.theme.text.with_alpha(0.6f), context.style.hairline});
  ImGui::BeginTooltip();
  push_font(context.fonts.small_semibold);
  ImGui::TextUnformatted((history.x.title + " " + format_step(steps[i])).c_str());
  ImGui::PopFont();
  push_font(context.fonts.small_mono);
  for (const double q : history.quantiles)
    ImGui::TextUnformatted(
        fmt::format("{:3.0f} %  {}", q * 100, format_value(quantile(history.shares[i], history.range, q)))
            .c_str());
  if (tell && result.hovered_bin) ImGui::TextUnformatted(tell(i, *result.hovered_bin).c_str());
  ImGui::PopFont();
  ImGui::EndTooltip();
  return result;
}

std::optional<std::size_t> show_histogram(Context& context, std::string_view id, const Histogram& histogram,
                                          Size size) {
  const Rect outer = place_item(id, size);
  const bool hovered = ImGui::IsItemHovered();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  draw(canvas, histogram, outer, context.style);
  if (!hovered) return std::nullopt;
  return bar_at(histogram, layout(histogram, canvas, outer, context.style),
                from_imgui(ImGui::GetIO().MousePos));
}

} // namespace plateau::widgets
