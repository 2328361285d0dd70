#include "widgets/context.h"

namespace plateau::widgets {

bool Context::apply(const Theme& new_theme, float new_scale) {
  theme = new_theme;
  const bool reload = fonts.regular == nullptr || new_scale != scale;
  scale = new_scale;
  style = screen_style(theme, scale);
  style.transparent = true; // the panel draws its own ground
  apply_to_imgui(theme, scale);
  if (reload) fonts = load_fonts(scale);
  return reload;
}

} // namespace plateau::widgets
