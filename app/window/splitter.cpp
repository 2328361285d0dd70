#include "app/window/splitter.h"

#include <cmath>

#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

float splitter_width() {
  return std::round(em() * 0.45f);
}

float splitter(const View& view, const char* id, bool between_columns, float length) {
  const float width = splitter_width();
  const ImVec2 size = between_columns ? ImVec2{width, length} : ImVec2{length, width};
  const ImVec2 low = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton(id, size);
  mark(view, id);
  const bool held = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  if (held || hovered) {
    ImGui::SetMouseCursor(between_columns ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
    const widgets::Color color = held ? view.widgets.theme.accent : view.widgets.theme.border;
    const float inset = width * 0.3f;
    const ImVec2 from = between_columns ? ImVec2{low.x + inset, low.y} : ImVec2{low.x, low.y + inset};
    const ImVec2 to = {low.x + size.x - (between_columns ? inset : 0),
                       low.y + size.y - (between_columns ? 0 : inset)};
    ImGui::GetWindowDrawList()->AddRectFilled(from, to, widgets::to_u32(color));
  }
  if (!held) return 0;
  const ImVec2 moved = ImGui::GetIO().MouseDelta;
  return between_columns ? moved.x : moved.y;
}

} // namespace plateau::window
