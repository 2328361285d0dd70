// Inter and JetBrains Mono for ImGui, at the sizes that the window uses.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "widgets/canvas.h"

struct ImFont;

namespace plateau::widgets {

/// Where Inter and JetBrains Mono are installed; $PLATEAU_FONTS is looked into first.
std::optional<std::filesystem::path> font_file(FontFace face);
/// A font that has glyphs which the others lack (DejaVu Sans), if it is there.
std::optional<std::filesystem::path> fallback_font_file();

/// Fonts in the ImGui atlas. Sizes in pixels are 15, 12.5 and 20 times the scale.
struct Fonts {
  ImFont* regular = nullptr;
  ImFont* semibold = nullptr;
  ImFont* mono = nullptr;
  ImFont* small = nullptr;
  ImFont* small_semibold = nullptr;
  ImFont* small_mono = nullptr;
  ImFont* heading = nullptr;
  float scale = 1;
  std::string note; // one line, when a font is missing and ImGui's own is used

  static constexpr float regular_size = 15, small_size = 12.5f, heading_size = 20;

  /// The face nearest to `size` pixels.
  ImFont* nearest(FontFace face, float size) const;
};

/// Clears the ImGui atlas and fills it again; the back end must then upload its font texture anew
/// (before 1.92; see rebuild_font_texture in imgui_compat.h). Call outside a frame.
Fonts load_fonts(float scale);

} // namespace plateau::widgets
