#include "app/window/token_strip.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

std::optional<int> token_strip(const View& view, std::span<const std::string> tokens,
                               const std::vector<float>& weights, int query, widgets::Size size) {
  const widgets::Theme& theme = view.widgets.theme;
  std::optional<int> clicked;
  if (ImGui::BeginChild("tokens", widgets::to_imgui(size))) {
    widgets::push_font(view.widgets.fonts.mono);
    const float pad = em() * 0.18f, line = ImGui::GetTextLineHeight() * 1.45f;
    const ImVec2 corner = ImGui::GetCursorScreenPos(), mouse = ImGui::GetIO().MousePos;
    const float right = corner.x + ImGui::GetContentRegionAvail().x;
    const float largest = weights.empty() ? 0 : *std::ranges::max_element(weights);
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImVec2 at = corner;
    std::optional<int> hovered;
    for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
      const auto index = static_cast<std::size_t>(i);
      const std::string& token = tokens[index];
      const float width = ImGui::CalcTextSize(token.c_str()).x + 2 * pad;
      if (at.x + width > right && at.x > corner.x) at = {corner.x, at.y + line};
      const ImVec2 end = {at.x + width, at.y + line - 2};
      const float share = index < weights.size() && largest > 0 ? std::sqrt(weights[index] / largest) : 0;
      if (share > 0.02f)
        list->AddRectFilled(at, end, widgets::to_u32(theme.accent.with_alpha(0.65f * share)), pad);
      if (i == query) list->AddRect(at, end, widgets::to_u32(theme.text), pad, 0, 1.5f);
      list->AddText({at.x + pad, at.y + (line - 2 - ImGui::GetTextLineHeight()) / 2},
                    widgets::to_u32(share > 0.02f || weights.empty() ? theme.text : theme.dim_text),
                    token.c_str());
      if (mouse.x >= at.x && mouse.x < end.x && mouse.y >= at.y && mouse.y < end.y) hovered = i;
      at.x = end.x + 1;
    }
    ImGui::PopFont();
    ImGui::InvisibleButton("strip", {right - corner.x, std::max(1.f, at.y + line - corner.y)});
    mark(view, "tokens");
    if (hovered && ImGui::IsItemHovered()) {
      if (ImGui::IsItemClicked()) clicked = hovered;
      const auto index = static_cast<std::size_t>(*hovered);
      std::string text = fmt::format("{}: \"{}\"", *hovered + 1, tokens[index]);
      if (index < weights.size()) text += "  a = " + widgets::format_value(weights[index]);
      ImGui::SetTooltip("%s", text.c_str());
      ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    }
  }
  ImGui::EndChild();
  return clicked;
}

} // namespace plateau::window
