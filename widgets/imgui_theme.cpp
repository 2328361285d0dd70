// The look of ImGui's own widgets.
#include "widgets/imgui_compat.h"
#include "widgets/theme.h"

namespace plateau::widgets {

void apply_to_imgui(const Theme& theme, float scale) {
  ImGuiStyle style;
  if (theme.dark)
    ImGui::StyleColorsDark(&style);
  else
    ImGui::StyleColorsLight(&style);

  style.WindowPadding = {12, 10};
  style.FramePadding = {9, 5};
  style.ItemSpacing = {8, 7};
  style.ItemInnerSpacing = {6, 5};
  style.CellPadding = {7, 4};
  style.IndentSpacing = 16;
  style.ScrollbarSize = 11;
  style.GrabMinSize = 12;
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 1;
  style.PopupBorderSize = 1;
  style.FrameBorderSize = 0;
  style.TabBorderSize = 0;
  style.WindowRounding = 8;
  style.ChildRounding = 8;
  style.FrameRounding = 6;
  style.PopupRounding = 8;
  style.ScrollbarRounding = 6;
  style.GrabRounding = 6;
  style.TabRounding = 6;
  style.WindowTitleAlign = {0.5f, 0.5f};
  style.DisplaySafeAreaPadding = {0, 0};
  style.ScaleAllSizes(scale);
  style.AntiAliasedLinesUseTex = true;
  style.CircleTessellationMaxError = 0.2f;

  const Color transparent = theme.panel.with_alpha(0);
  const Color field =
      theme.dark ? mix(theme.panel, theme.raised, 0.75f) : mix(theme.panel, theme.background, 0.8f);
  const Color hover = mix(theme.raised, theme.accent, theme.dark ? 0.22f : 0.14f);
  const Color pressed = mix(theme.raised, theme.accent, theme.dark ? 0.38f : 0.26f);
  const Color selected = theme.accent.with_alpha(theme.dark ? 0.26f : 0.16f);
  const auto set = [&](ImGuiCol which, Color color) { style.Colors[which] = to_vec4(color); };
  set(ImGuiCol_Text, theme.text);
  set(ImGuiCol_TextDisabled, theme.dim_text);
  set(ImGuiCol_WindowBg, theme.background);
  set(ImGuiCol_ChildBg, theme.panel);
  set(ImGuiCol_PopupBg, theme.dark ? mix(theme.panel, theme.raised, 0.6f) : theme.panel);
  set(ImGuiCol_Border, theme.border);
  set(ImGuiCol_BorderShadow, transparent);
  set(ImGuiCol_FrameBg, field);
  set(ImGuiCol_FrameBgHovered, hover);
  set(ImGuiCol_FrameBgActive, pressed);
  set(ImGuiCol_TitleBg, theme.raised);
  set(ImGuiCol_TitleBgActive, theme.raised);
  set(ImGuiCol_TitleBgCollapsed, theme.raised);
  set(ImGuiCol_MenuBarBg, theme.panel);
  set(ImGuiCol_ScrollbarBg, transparent);
  set(ImGuiCol_ScrollbarGrab, theme.border);
  set(ImGuiCol_ScrollbarGrabHovered, mix(theme.border, theme.dim_text, 0.4f));
  set(ImGuiCol_ScrollbarGrabActive, theme.dim_text);
  set(ImGuiCol_CheckMark, theme.accent);
  set(ImGuiCol_SliderGrab, theme.accent);
  set(ImGuiCol_SliderGrabActive, mix(theme.accent, theme.text, 0.25f));
  set(ImGuiCol_Button, theme.raised);
  set(ImGuiCol_ButtonHovered, hover);
  set(ImGuiCol_ButtonActive, pressed);
  set(ImGuiCol_Header, selected);
  set(ImGuiCol_HeaderHovered, hover);
  set(ImGuiCol_HeaderActive, pressed);
  set(ImGuiCol_Separator, theme.border);
  set(ImGuiCol_SeparatorHovered, theme.accent.with_alpha(0.6f));
  set(ImGuiCol_SeparatorActive, theme.accent);
  set(ImGuiCol_ResizeGrip, transparent);
  set(ImGuiCol_ResizeGripHovered, theme.accent.with_alpha(0.5f));
  set(ImGuiCol_ResizeGripActive, theme.accent);
  set(ImGuiCol_Tab, transparent);
  set(ImGuiCol_TabHovered, hover);
  set(ImGuiCol_TabActive, selected);
  set(ImGuiCol_TabUnfocused, transparent);
  set(ImGuiCol_TabUnfocusedActive, selected);
  set(ImGuiCol_PlotLines, theme.accent);
  set(ImGuiCol_PlotLinesHovered, theme.accent);
  set(ImGuiCol_PlotHistogram, theme.accent);
  set(ImGuiCol_PlotHistogramHovered, theme.accent);
  set(ImGuiCol_TableHeaderBg, theme.raised);
  set(ImGuiCol_TableBorderStrong, theme.border);
  set(ImGuiCol_TableBorderLight, theme.grid);
  set(ImGuiCol_TableRowBg, transparent);
  set(ImGuiCol_TableRowBgAlt, theme.text.with_alpha(0.025f));
  set(ImGuiCol_TextSelectedBg, theme.accent.with_alpha(0.35f));
  set(ImGuiCol_DragDropTarget, theme.accent);
  set(ImGuiCol_NavHighlight, theme.accent.with_alpha(0.7f));
  set(ImGuiCol_ModalWindowDimBg, rgb(0x000000).with_alpha(theme.dark ? 0.55f : 0.35f));
  ImGui::GetStyle() = style;
}

} // namespace plateau::widgets
