// Fonts that travel inside an SVG, so that its text looks the same where they are not installed.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "widgets/figure_text.h"

namespace plateau::widgets {

class SvgFonts {
public:
  /// Remembers which characters of which font the text needs.
  void add(const FigureFonts& fonts, std::string_view utf8, FontFace face);
  /// A style element with those characters of each font; a font that cannot be cut down is left to the
  /// viewer.
  std::string style() const;

private:
  std::map<FigureFonts::Slot, std::string> used_; // text in which each character may stand many times
};

std::string base64(std::string_view bytes);

} // namespace plateau::widgets
