#include "widgets/imgui_compat.h"

#include <array>
#include <string>

#include <imgui_internal.h>

#if __has_include(<imgui_freetype.h>) && defined(PLATEAU_IMGUI_FREETYPE)
#include <imgui_freetype.h>
#endif

namespace plateau::widgets {
namespace {

constexpr auto key_count = std::size_t(Key::RightBracket) + 1;

#if IMGUI_VERSION_NUM < 18700

// GLFW's key numbers: its back end for ImGui 1.86 stores io.KeysDown by them.
constexpr std::array<int, key_count> native = [] {
  std::array<int, key_count> keys{};
  const auto set = [&](Key key, int code) { keys[std::size_t(key)] = code; };
  set(Key::Space, 32), set(Key::Enter, 257), set(Key::Escape, 256), set(Key::Tab, 258);
  set(Key::Backspace, 259), set(Key::Delete, 261), set(Key::Right, 262), set(Key::Left, 263);
  set(Key::Down, 264), set(Key::Up, 265), set(Key::PageUp, 266), set(Key::PageDown, 267);
  set(Key::Home, 268), set(Key::End, 269);
  for (int i = 0; i < 12; ++i) set(Key(int(Key::F1) + i), 290 + i);
  for (int i = 0; i < 26; ++i) set(Key(int(Key::A) + i), 'A' + i);
  for (int i = 0; i < 10; ++i) set(Key(int(Key::Digit0) + i), '0' + i);
  set(Key::Comma, ','), set(Key::Period, '.'), set(Key::Slash, '/'), set(Key::Minus, '-');
  set(Key::Equal, '='), set(Key::LeftBracket, '['), set(Key::RightBracket, ']');
  return keys;
}();

#else

constexpr std::array<ImGuiKey, key_count> native = [] {
  std::array<ImGuiKey, key_count> keys{};
  const auto set = [&](Key key, ImGuiKey code) { keys[std::size_t(key)] = code; };
  set(Key::Space, ImGuiKey_Space), set(Key::Enter, ImGuiKey_Enter), set(Key::Escape, ImGuiKey_Escape);
  set(Key::Tab, ImGuiKey_Tab), set(Key::Backspace, ImGuiKey_Backspace), set(Key::Delete, ImGuiKey_Delete);
  set(Key::Left, ImGuiKey_LeftArrow), set(Key::Right, ImGuiKey_RightArrow), set(Key::Up, ImGuiKey_UpArrow);
  set(Key::Down, ImGuiKey_DownArrow), set(Key::Home, ImGuiKey_Home), set(Key::End, ImGuiKey_End);
  set(Key::PageUp, ImGuiKey_PageUp), set(Key::PageDown, ImGuiKey_PageDown);
  for (int i = 0; i < 12; ++i) set(Key(int(Key::F1) + i), ImGuiKey(ImGuiKey_F1 + i));
  for (int i = 0; i < 26; ++i) set(Key(int(Key::A) + i), ImGuiKey(ImGuiKey_A + i));
  for (int i = 0; i < 10; ++i) set(Key(int(Key::Digit0) + i), ImGuiKey(ImGuiKey_0 + i));
  set(Key::Comma, ImGuiKey_Comma), set(Key::Period, ImGuiKey_Period), set(Key::Slash, ImGuiKey_Slash);
  set(Key::Minus, ImGuiKey_Minus), set(Key::Equal, ImGuiKey_Equal);
  set(Key::LeftBracket, ImGuiKey_LeftBracket), set(Key::RightBracket, ImGuiKey_RightBracket);
  return keys;
}();

#endif

} // namespace

bool key_pressed(Key key, bool repeat) {
  return ImGui::IsKeyPressed(native[std::size_t(key)], repeat);
}

float line_text_offset() {
  return ImGui::GetCurrentWindow()->DC.CurrLineTextBaseOffset;
}

float font_ascent(ImFont* font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  return font->GetFontBaked(size)->Ascent;
#else
  return font->Ascent * size / font->FontSize;
#endif
}

void prepare_atlas(ImFontAtlas& atlas, int texture_width) {
#if IMGUI_VERSION_NUM < 19200
  atlas.TexDesiredWidth = texture_width;
#else
  (void)texture_width;
#endif
#if defined(PLATEAU_IMGUI_FREETYPE) && IMGUI_VERSION_NUM >= 19200
  atlas.SetFontLoader(ImGuiFreeType::GetFontLoader());
#elif defined(PLATEAU_IMGUI_FREETYPE)
  atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
#endif
}

namespace simulate {

void mouse_position(Point position) {
#if IMGUI_VERSION_NUM < 18700
  ImGui::GetIO().MousePos = to_imgui(position);
#else
  ImGui::GetIO().AddMousePosEvent(position.x, position.y);
#endif
}

void mouse_button(int button, bool down) {
#if IMGUI_VERSION_NUM < 18700
  ImGui::GetIO().MouseDown[button] = down;
#else
  ImGui::GetIO().AddMouseButtonEvent(button, down);
#endif
}

void mouse_wheel(float amount) {
#if IMGUI_VERSION_NUM < 18700
  ImGui::GetIO().MouseWheel += amount;
#else
  ImGui::GetIO().AddMouseWheelEvent(0, amount);
#endif
}

void key(Key key, bool down) {
#if IMGUI_VERSION_NUM < 18700
  ImGui::GetIO().KeysDown[native[std::size_t(key)]] = down;
#else
  ImGui::GetIO().AddKeyEvent(native[std::size_t(key)], down);
#endif
}

void modifiers(bool control, bool shift, bool alt) {
  ImGuiIO& io = ImGui::GetIO();
#if IMGUI_VERSION_NUM < 18700
  io.KeyCtrl = control, io.KeyShift = shift, io.KeyAlt = alt;
  // Since 1.85 the modifiers must be mirrored where NewFrame looks for them.
  io.KeyMods = (control ? ImGuiKeyModFlags_Ctrl : 0) | (shift ? ImGuiKeyModFlags_Shift : 0) |
               (alt ? ImGuiKeyModFlags_Alt : 0);
#elif IMGUI_VERSION_NUM < 18900
  io.AddKeyEvent(ImGuiKey_ModCtrl, control);
  io.AddKeyEvent(ImGuiKey_ModShift, shift);
  io.AddKeyEvent(ImGuiKey_ModAlt, alt);
#else
  io.AddKeyEvent(ImGuiMod_Ctrl, control);
  io.AddKeyEvent(ImGuiMod_Shift, shift);
  io.AddKeyEvent(ImGuiMod_Alt, alt);
#endif
}

void type(std::string_view utf8) {
  ImGui::GetIO().AddInputCharactersUTF8(std::string(utf8).c_str());
}

} // namespace simulate
} // namespace plateau::widgets
