// What every interactive widget needs from the window; one of it, owned by the window, on the UI thread.
#pragma once

#include "widgets/fonts.h"
#include "widgets/imgui_canvas.h"
#include "widgets/theme.h"

namespace plateau::widgets {

struct Context {
  Theme theme = dark_theme();
  float scale = 1; // font scale x display scale
  Fonts fonts;
  TextureCache textures;
  PlotStyle style = screen_style(dark_theme(), 1);

  /// Sets theme, scale and style and restyles ImGui; loads the fonts again if the scale changed (then it
  /// returns true: the font texture must be made anew). Call outside a frame.
  bool apply(const Theme& new_theme, float new_scale);
};

} // namespace plateau::widgets
