#include "widgets/help.h"

#include <cmath>
#include <string>

#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"
#include "widgets/word_wrap.h"

namespace plateau::widgets {
namespace {

constexpr double rest_before_tooltip = 0.35; // seconds
constexpr float tooltip_width = 30;          // em

// Has the mouse rested on this item? Delays of ImGui's own came only with 1.89.
bool rested_on_item() {
  static ImVec2 item; // by its corner: items without an id are fine too
  static double since = 0;
  static int last_frame = -1;
  if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return false;
  const ImVec2 corner = ImGui::GetItemRectMin();
  const int frame = ImGui::GetFrameCount();
  if (corner.x != item.x || corner.y != item.y || frame > last_frame + 1) since = ImGui::GetTime();
  item = corner;
  last_frame = frame;
  return ImGui::GetTime() - since >= rest_before_tooltip;
}

void paragraph(ImFont* font, std::string_view text, float width, Color color) {
  if (text.empty()) return;
  push_font(font);
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(color));
  const std::string lines = word_wrap(text, width);
  ImGui::TextUnformatted(lines.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

} // namespace

void help(Context& context, const Help& help) {
  if (!rested_on_item()) return;
  const Theme& theme = context.theme;
  ImGui::BeginTooltip();
  const float width = tooltip_width * Fonts::regular_size * context.scale;
  if (!help.title.empty() || !help.shortcut.empty()) {
    paragraph(context.fonts.semibold, help.title, width, theme.text);
    if (!help.shortcut.empty()) {
      if (!help.title.empty()) ImGui::SameLine();
      paragraph(context.fonts.mono, help.shortcut, width, theme.dim_text);
    }
  }
  paragraph(context.fonts.regular, help.text, width,
            help.title.empty() ? theme.text : mix(theme.text, theme.dim_text, 0.45f));
  if (!help.formula.empty()) {
    ImGui::Spacing();
    paragraph(context.fonts.mono, help.formula, width, theme.accent);
  }
  if (!help.source.empty()) {
    ImGui::Spacing();
    paragraph(context.fonts.small, help.source, width, theme.dim_text);
  }
  ImGui::EndTooltip();
}

void help(Context& context, std::string_view text) {
  help(context, Help{.title = {}, .text = text, .formula = {}, .source = {}, .shortcut = {}});
}

void help_sign(Context& context, const Help& content) {
  ImGui::SameLine(0, 5 * context.scale);
  const float height = ImGui::GetTextLineHeight(), radius = height * 0.42f, offset = line_text_offset();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({2 * radius, height + offset});
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const bool hovered = ImGui::IsItemHovered();
  const Color color = hovered ? context.theme.text : context.theme.dim_text;
  const Point center{at.x + radius, at.y + offset + height / 2};
  canvas.stroke_circle(center, radius, {color, context.scale});
  canvas.text(center, "?",
              {.size = radius * 1.45f,
               .color = color,
               .horizontal = Horizontal::Center,
               .vertical = Vertical::Middle});
  help(context, content);
}

bool icon_button(Context& context, std::string_view id, Icon icon, std::string_view text, bool primary) {
  const ImGuiStyle& style = ImGui::GetStyle();
  const float height = ImGui::GetFrameHeight(), glyph = ImGui::GetFontSize() * 0.82f;
  const ImVec2 text_size = ImGui::CalcTextSize(text.data(), text.data() + text.size());
  const float width =
      text.empty() ? height : style.FramePadding.x * 2 + glyph + style.ItemInnerSpacing.x + text_size.x;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::AlignTextToFramePadding(); // what follows on this line aligns with the button's text
  ImGui::PushID(id.data(), id.data() + id.size());
  const bool pressed = ImGui::InvisibleButton("button", {width, height});
  ImGui::PopID();
  test_ids::mark(id);
  const bool hovered = ImGui::IsItemHovered(), held = ImGui::IsItemActive();

  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  const Theme& theme = context.theme;
  Color ground, ink = theme.text;
  if (primary) {
    ground = mix(theme.accent, theme.text, held ? 0.25f : hovered ? 0.12f : 0.f);
    ink = theme.on_accent;
  } else {
    const ImVec4 c = style.Colors[held      ? ImGuiCol_ButtonActive
                                  : hovered ? ImGuiCol_ButtonHovered
                                            : ImGuiCol_Button];
    ground = {c.x, c.y, c.z, c.w};
  }
  // Inside BeginDisabled.
  ground.a *= style.Alpha, ink.a *= style.Alpha;
  canvas.fill_rect({at.x, at.y, width, height}, ground, style.FrameRounding);
  const float left = text.empty() ? at.x + (width - glyph) / 2 : at.x + style.FramePadding.x;
  draw_icon(canvas, icon, {left, at.y + (height - glyph) / 2, glyph, glyph}, ink);
  if (!text.empty())
    ImGui::GetWindowDrawList()->AddText(
        {left + glyph + style.ItemInnerSpacing.x, at.y + (height - text_size.y) / 2}, to_u32(ink),
        text.data(), text.data() + text.size());
  return pressed;
}

void color_dot(Context& context, Color color) {
  const float height = ImGui::GetTextLineHeight(), radius = height * 0.29f, offset = line_text_offset();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({2 * radius, height + offset});
  ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), context.fonts, context.textures);
  canvas.fill_circle({at.x + radius, at.y + offset + height / 2}, radius, color);
}

void badge(Context& context, std::string_view text, Color color) {
  // Centred on the line's text.
  const float line_middle = line_text_offset() + ImGui::GetTextLineHeight() / 2;
  push_font(context.fonts.small_semibold);
  const ImVec2 size = ImGui::CalcTextSize(text.data(), text.data() + text.size());
  const float pad = size.y * 0.45f, height = size.y + pad * 0.5f;
  const float drop = std::max(0.f, line_middle - height / 2);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({size.x + 2 * pad, height + drop});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 corner{at.x, at.y + drop}, end{at.x + size.x + 2 * pad, at.y + drop + height};
  list.AddRectFilled(corner, end, to_u32(color.with_alpha(context.theme.dark ? 0.2f : 0.14f)), height * 0.4f);
  list.AddText({corner.x + pad, std::round(corner.y + pad * 0.25f)}, to_u32(color), text.data(),
               text.data() + text.size());
  ImGui::PopFont();
}

} // namespace plateau::widgets
