#include "widgets/figure_text.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <fmt/format.h>

#include "widgets/file_canvas.h"
#include "widgets/fonts.h"

namespace plateau::widgets {
namespace {

// One character; bytes that are not UTF-8 are read as themselves.
struct Character {
  char32_t code;
  std::size_t length;
};

Character next_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (byte(0) < 0x80) return {byte(0), 1};
  if ((byte(0) & 0xE0) == 0xC0 && follows(1)) return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if ((byte(0) & 0xF0) == 0xE0 && follows(1) && follows(2))
    return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  if ((byte(0) & 0xF8) == 0xF0 && follows(1) && follows(2) && follows(3))
    return {(byte(0) & 7) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
  return {byte(0), 1};
}

} // namespace

struct FigureFonts::Implementation {
  FT_Library library = nullptr;
  FT_Face faces[slot_count] = {};

  ~Implementation() {
    for (FT_Face face : faces)
      if (face) FT_Done_Face(face);
    if (library) FT_Done_FreeType(library);
  }

  float advance(Slot slot, char32_t code) const {
    FT_Face face = faces[slot];
    if (FT_Load_Glyph(face, FT_Get_Char_Index(face, code), FT_LOAD_NO_SCALE)) return 0;
    return float(face->glyph->metrics.horiAdvance) / float(face->units_per_EM);
  }
};

FigureFonts::FigureFonts() : implementation_(std::make_unique<Implementation>()) {
  auto& faces = implementation_->faces;
  if (FT_Init_FreeType(&implementation_->library)) throw FileError("FreeType does not start");
  for (const auto face : {FontFace::Regular, FontFace::Semibold, FontFace::Mono}) {
    const auto file = font_file(face);
    if (!file || FT_New_Face(implementation_->library, file->c_str(), 0, &faces[int(face)]))
      throw FileError("the fonts Inter and JetBrains Mono are not installed (Debian: fonts-inter, "
                      "fonts-jetbrains-mono); or set PLATEAU_FONTS to a folder that holds them");
  }
  if (const auto file = fallback_font_file())
    if (FT_New_Face(implementation_->library, file->c_str(), 0, &faces[Fallback])) faces[Fallback] = nullptr;
}

FigureFonts::~FigureFonts() = default;

FT_FaceRec_* FigureFonts::face(Slot slot) const {
  return implementation_->faces[slot];
}

std::vector<FigureFonts::Piece> FigureFonts::pieces(std::string_view utf8, FontFace face) const {
  const auto& faces = implementation_->faces;
  std::vector<Piece> pieces;
  while (!utf8.empty()) {
    const auto [code, length] = next_character(utf8);
    Slot slot = Slot(int(face));
    if (FT_Get_Char_Index(faces[slot], code) == 0 && faces[Fallback] &&
        FT_Get_Char_Index(faces[Fallback], code))
      slot = Fallback;
    if (pieces.empty() || pieces.back().slot != slot) pieces.push_back({slot, "", 0});
    pieces.back().text += utf8.substr(0, length);
    pieces.back().width += implementation_->advance(slot, code);
    utf8.remove_prefix(length);
  }
  return pieces;
}

Size FigureFonts::measure(std::string_view utf8, float size, FontFace face) const {
  float width = 0;
  for (const Piece& piece : pieces(utf8, face)) width += piece.width;
  return {width * size, (ascent(face) + descent(face)) * size};
}

float FigureFonts::ascent(FontFace face) const {
  const FT_Face f = implementation_->faces[int(face)];
  return float(f->ascender) / float(f->units_per_EM);
}

float FigureFonts::descent(FontFace face) const {
  const FT_Face f = implementation_->faces[int(face)];
  return -float(f->descender) / float(f->units_per_EM);
}

Point text_offset(const FigureFonts& fonts, std::string_view utf8, const TextStyle& style) {
  const float width =
      style.horizontal == Horizontal::Left ? 0 : fonts.measure(utf8, style.size, style.face).width;
  Point offset;
  if (style.horizontal == Horizontal::Center) offset.x = -width / 2;
  if (style.horizontal == Horizontal::Right) offset.x = -width;
  if (style.vertical == Vertical::Top) offset.y = fonts.ascent(style.face) * style.size;
  if (style.vertical == Vertical::Middle) offset.y = 0.36f * style.size; // of capital letters
  if (style.vertical == Vertical::Bottom) offset.y = -fonts.descent(style.face) * style.size;
  return offset;
}

} // namespace plateau::widgets
