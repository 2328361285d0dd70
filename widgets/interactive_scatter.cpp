#include "widgets/interactive_scatter.h"

#include <string>

#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::widgets {
namespace {

void tell(Context& context, const Scatter& scatter, std::size_t index) {
  const CurvePoint point = scatter.points[index];
  ImGui::BeginTooltip();
  if (index < scatter.labels.size()) {
    push_font(context.fonts.small_semibold);
    ImGui::TextUnformatted(scatter.labels[index].c_str());
    ImGui::PopFont();
  } else if (index < scatter.shades.size()) {
    push_font(context.fonts.small_semibold);
    const std::string value = format_value(scatter.shades[index], scatter.bar.numbers);
    ImGui::TextUnformatted((scatter.bar.title + " " + value).c_str());
    ImGui::PopFont();
  }
  if (ImGui::BeginTable("point", 2, ImGuiTableFlags_SizingFixedFit)) {
    const auto row = [&](const AxisOptions& axis, double value) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      push_font(context.fonts.small);
      ImGui::TextUnformatted(axis.title.c_str());
      ImGui::PopFont();
      ImGui::TableNextColumn();
      push_font(context.fonts.small_mono);
      ImGui::TextUnformatted(format_value(value, axis.numbers).c_str());
      ImGui::PopFont();
    };
    row(scatter.x, point.x);
    row(scatter.y, point.y);
    ImGui::EndTable();
  }
  ImGui::EndTooltip();
}

} // namespace

ScatterInteraction interactive_scatter(Context& context, std::string_view id, const Scatter& scatter,
                                       Size size) {
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const Rect outer{origin.x, origin.y, std::max(1.f, size.width), std::max(1.f, size.height)};
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("scatter", {outer.width, outer.height});
  ImGui::PopID();
  const bool hovered = ImGui::IsItemHovered(), clicked = ImGui::IsItemClicked();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  const ScatterLayout place = layout(scatter, canvas, outer, context.style);
  test_ids::mark(id, outer);
  test_ids::mark(std::string(id) + "/area", place.plot.area);
  draw(canvas, scatter, place, context.style);

  ScatterInteraction result;
  if (!hovered) return result;
  const PlotStyle& style = context.style;
  result.hovered = point_at(scatter, place, from_imgui(ImGui::GetIO().MousePos), style.marker * 4);
  if (!result.hovered) return result;
  if (clicked) result.clicked = result.hovered;
  const CurvePoint point = scatter.points[*result.hovered];
  canvas.stroke_circle({place.plot.x.position(point.x), place.plot.y.position(point.y)}, style.marker * 2,
                       {context.theme.text, 1.5f * context.scale});
  tell(context, scatter, *result.hovered);
  return result;
}

} // namespace plateau::widgets
