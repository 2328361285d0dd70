#include "widgets/interactive_bars.h"

#include <string>

#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::widgets {

void interactive_bars(Context& context, std::string_view id, const BarChart& chart, Size size) {
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const Rect outer{origin.x, origin.y, std::max(1.f, size.width), std::max(1.f, size.height)};
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("bars", {outer.width, outer.height});
  ImGui::PopID();
  const bool hovered = ImGui::IsItemHovered();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  const PlotLayout place = layout(chart, canvas, outer, context.style);
  test_ids::mark(id, outer);
  test_ids::mark(std::string(id) + "/area", place.area);
  draw(canvas, chart, place, context.style);
  if (!hovered) return;
  const auto bar = bar_at(chart, place, from_imgui(ImGui::GetIO().MousePos));
  if (!bar) return;
  const auto& series = chart.series[bar->series];
  if (bar->group >= series.values.size()) return;
  ImGui::BeginTooltip();
  push_font(context.fonts.small_semibold);
  ImGui::TextUnformatted(
      (chart.groups[bar->group] + (series.name.empty() ? "" : ", " + series.name)).c_str());
  ImGui::PopFont();
  push_font(context.fonts.mono);
  ImGui::TextUnformatted(format_value(series.values[bar->group], chart.y.numbers).c_str());
  ImGui::PopFont();
  ImGui::EndTooltip();
}

} // namespace plateau::widgets
