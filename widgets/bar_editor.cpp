#include "widgets/bar_editor.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::widgets {

std::optional<BarEdit> edit_bars(Context& context, std::string_view id, const Histogram& bars, Size size) {
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const Rect outer{origin.x, origin.y, std::max(1.f, size.width), std::max(1.f, size.height)};
  ImGui::PushID(id.data(), id.data() + id.size());
  ImGui::InvisibleButton("bars", {outer.width, outer.height});
  ImGui::PopID();
  test_ids::mark(id, outer);
  const bool hovered = ImGui::IsItemHovered(), held = ImGui::IsItemActive();
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const ClipScope clip(canvas, outer);
  const PlotLayout place = layout(bars, canvas, outer, context.style);
  test_ids::mark(std::string(id) + "/area", place.area);
  draw(canvas, bars, outer, context.style);
  if (bars.shares.empty() || (!hovered && !held)) return {};

  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const int count = int(bars.shares.size());
  const double x = (double(mouse.x) - place.area.x) / std::max(1.f, place.area.width);
  const int bar = std::clamp(int(std::floor(x * count)), 0, count - 1);
  const bool inside = mouse.x >= place.area.x && mouse.x < place.area.right();
  if (inside) {
    const float width = place.area.width / float(count);
    canvas.stroke_rect({place.area.x + width * float(bar), place.area.y, width, place.area.height},
                       {context.theme.dim_text, context.style.hairline});
    ImGui::BeginTooltip();
    push_font(context.fonts.mono);
    ImGui::TextUnformatted(
        fmt::format("{} {}: {}", bars.x_title, bar + 1, format_value(bars.shares[std::size_t(bar)])).c_str());
    ImGui::PopFont();
    ImGui::EndTooltip();
  }
  if (!held || !inside) return {};
  if (ImGui::IsMouseDoubleClicked(0)) return BarEdit{bar, 0};
  const double value = place.y.value(mouse.y);
  const Range range = *bars.y_range;
  return BarEdit{bar, std::clamp(value, range.low, range.high)};
}

} // namespace plateau::widgets
