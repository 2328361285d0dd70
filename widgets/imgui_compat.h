// Every difference between ImGui 1.86, 1.90 and 1.92 that Plateau meets, in one place.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include <imgui.h>

#include "widgets/geometry.h"

namespace plateau::widgets {

inline ImVec2 to_imgui(Point p) {
  return {p.x, p.y};
}
inline ImVec2 to_imgui(Size s) {
  return {s.width, s.height};
}
inline Point from_imgui(ImVec2 v) {
  return {v.x, v.y};
}
inline ImVec4 to_vec4(Color c) {
  return {c.r, c.g, c.b, c.a};
}
inline ImU32 to_u32(Color c) {
  return ImGui::ColorConvertFloat4ToU32({c.r, c.g, c.b, c.a});
}

/// Keys that Plateau uses. 1.86 knows them by GLFW's numbers (its enum lacks most and compiles silently).
enum class Key {
  Space,
  Enter,
  Escape,
  Tab,
  Backspace,
  Delete,
  Left,
  Right,
  Up,
  Down,
  Home,
  End,
  PageUp,
  PageDown,
  F1,
  F2,
  F3,
  F4,
  F5,
  F6,
  F7,
  F8,
  F9,
  F10,
  F11,
  F12,
  A,
  B,
  C,
  D,
  E,
  F,
  G,
  H,
  I,
  J,
  K,
  L,
  M,
  N,
  O,
  P,
  Q,
  R,
  S,
  T,
  U,
  V,
  W,
  X,
  Y,
  Z,
  Digit0,
  Digit1,
  Digit2,
  Digit3,
  Digit4,
  Digit5,
  Digit6,
  Digit7,
  Digit8,
  Digit9,
  Comma,
  Period,
  Slash,
  Minus,
  Equal,
  LeftBracket,
  RightBracket,
};

bool key_pressed(Key key, bool repeat = false);
/// Ctrl, or Command on a Mac.
inline bool control_held() {
  return ImGui::GetIO().KeyCtrl || ImGui::GetIO().KeySuper;
}

/// A region with its own scrolling; `bordered` draws a frame around it. Always call EndChild after.
inline bool begin_child(const char* id, Size size, bool bordered = false, ImGuiWindowFlags flags = 0) {
  return ImGui::BeginChild(id, to_imgui(size), bordered, flags); // true == ImGuiChildFlags_Border(s)
}

/// An item drawn later may take the mouse from this one. Call before the item ...
inline void allow_overlap_before() {
#if IMGUI_VERSION_NUM >= 18970
  ImGui::SetNextItemAllowOverlap();
#endif
}
/// ... and this one after it.
inline void allow_overlap_after() {
#if IMGUI_VERSION_NUM < 18970
  ImGui::SetItemAllowOverlap();
#endif
}

inline void push_font(ImFont* font) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, font->LegacySize);
#else
  ImGui::PushFont(font);
#endif
}

/// How far below the top of the current line its text stands (beside framed widgets: their padding).
float line_text_offset();

/// Height above the baseline of `font` drawn at `size` (ImGui's: ascent + descent).
float font_ascent(ImFont* font, float size);
/// FreeType instead of stb_truetype, where this ImGui was built with it: sharper small text. Before 1.92 the
/// texture's width is chosen here, within what every driver takes; later versions let it grow.
void prepare_atlas(ImFontAtlas& atlas, int texture_width);

inline ImTextureID texture_id(unsigned gl_name) {
  return (ImTextureID)(std::intptr_t)gl_name;
}

/// For tests and scripts: what a person's hands would do. With a real window call these between the
/// platform back end's NewFrame and ImGui::NewFrame, in each frame as long as the state lasts.
namespace simulate {
void mouse_position(Point position);
void mouse_button(int button, bool down);
void mouse_wheel(float amount);
void key(Key key, bool down);
void modifiers(bool control, bool shift, bool alt = false);
void type(std::string_view utf8);
} // namespace simulate

} // namespace plateau::widgets
