#include "widgets/theme.h"

namespace plateau::widgets {

// The member palettes follow Okabe and Ito (2008), shifted in lightness until each colour stands out from
// its panel; tests/widgets/color_test.cpp holds their distances for readers with colour-vision deficiency.

const Theme& dark_theme() {
  static const Theme theme{
      .dark = true,
      .background = rgb(0x0e1116),
      .panel = rgb(0x161a21),
      .raised = rgb(0x222832),
      .border = rgb(0x2b323e),
      .text = rgb(0xe7eaf0),
      .dim_text = rgb(0x98a2b3),
      .grid = rgb(0x262d38),
      .axis = rgb(0x566173),
      .accent = rgb(0x4c9dff),
      .on_accent = rgb(0x07101d),
      .good = rgb(0x46c795),
      .warning = rgb(0xf2b544),
      .error = rgb(0xff6b6b),
      .plateau = rgb(0x9aa8c2).with_alpha(0.10f),
      .eureka = rgb(0xffc94d),
      .members = {rgb(0x5ab4f5), rgb(0xff8552), rgb(0x3ccf9e), rgb(0xee9ccb), rgb(0xf0cf4e), rgb(0x7f8cff),
                  rgb(0xb9794f), rgb(0xc3cad6)},
  };
  return theme;
}

const Theme& light_theme() {
  static const Theme theme{
      .dark = false,
      .background = rgb(0xeff1f4),
      .panel = rgb(0xffffff),
      .raised = rgb(0xf4f6f8),
      .border = rgb(0xd8dde4),
      .text = rgb(0x1a1f28),
      .dim_text = rgb(0x5c6675),
      .grid = rgb(0xe9ecf0),
      .axis = rgb(0x99a2af),
      .accent = rgb(0x1f6feb),
      .on_accent = rgb(0xffffff),
      .good = rgb(0x0f8a5f),
      .warning = rgb(0xa96400),
      .error = rgb(0xc93434),
      .plateau = rgb(0x5b6b8c).with_alpha(0.09f),
      .eureka = rgb(0xc98500),
      .members = {rgb(0x0a70b8), rgb(0xd9570b), rgb(0x009970), rgb(0xc4679c), rgb(0xd9a400), rgb(0x4a3fb5),
                  rgb(0x7a4a22), rgb(0x5d6673)},
  };
  return theme;
}

const Theme& print_theme() {
  static const Theme theme = [] {
    Theme paper = light_theme();
    paper.background = paper.panel = rgb(0xffffff);
    paper.text = rgb(0x16191f);
    paper.dim_text = rgb(0x505966);
    return paper;
  }();
  return theme;
}

Color member_color(const Theme& theme, std::size_t id) {
  const auto own = theme.chosen.find(id);
  return own == theme.chosen.end() ? theme.members[id % theme.members.size()] : own->second;
}

Color ordered_color(const Theme& theme, std::size_t index, std::size_t count) {
  // From violet over blue and green to amber: the order shows without a legend.
  const Color dark[] = {rgb(0x8a7bff), rgb(0x4f9df7), rgb(0x3cc7a5), rgb(0xc9d14e), rgb(0xffb155)};
  const Color light[] = {rgb(0x4b2fa3), rgb(0x1f6fc4), rgb(0x0c9488), rgb(0x86a312), rgb(0xe08a00)};
  const auto& stops = theme.dark ? dark : light;
  const float at = count < 2 ? 0.25f * 4 : 4 * float(index) / float(count - 1);
  const int i = std::min(int(at), 3);
  return mix(stops[i], stops[i + 1], at - float(i));
}

ColorMap sequential_map(const Theme& theme) {
  return theme.dark ? ColorMap::Magma : ColorMap::Ink;
}

PlotStyle screen_style(const Theme& theme, float scale) {
  return {.theme = theme,
          .label = 12 * scale,
          .title = 12 * scale,
          .heading = 14 * scale,
          .line = 1.8f * scale,
          .hairline = std::max(1.f, scale),
          .tick = 4 * scale,
          .gap = 6 * scale,
          .marker = 2.6f * scale};
}

PlotStyle print_style(const Theme& theme, float scale) {
  return {.theme = theme,
          .label = 7 * scale,
          .title = 7.5f * scale,
          .heading = 8.5f * scale,
          .line = 1.1f * scale,
          .hairline = 0.5f * scale,
          .tick = 2.5f * scale,
          .gap = 4 * scale,
          .marker = 1.5f * scale};
}

} // namespace plateau::widgets
