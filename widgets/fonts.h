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

/// Fonts in the ImGui atlas. Sizes are em sizes in pixels, before `scale`.
struct Fonts {
  static constexpr float regular_size = 14, small_size = 12, heading_size = 19;

  ImFont* regular = nullptr;
  ImFont* semibold = nullptr;
  ImFont* mono = nullptr;
  ImFont* small = nullptr;
  ImFont* small_semibold = nullptr;
  ImFont* small_mono = nullptr;
  ImFont* heading = nullptr;
  float scale = 1;
  /// ImGui counts a font's size as ascent + descent: this many em.
  float text_height = 1, mono_height = 1;
  std::string note; // one line, when a font is missing and ImGui's own is used

  struct Choice {
    ImFont* font;
    float imgui_size;
  };
  /// The loaded font nearest to `size` (em, pixels), and the size to draw it with: its own where the
  /// difference is small, since scaled glyphs are blurred.
  Choice nearest(FontFace face, float size) const;
};

/// Clears the ImGui atlas and fills it again; the back end must then upload its font texture anew
/// (before 1.92; see rebuild_font_texture in imgui_compat.h). Call outside a frame.
Fonts load_fonts(float scale);

} // namespace plateau::widgets
