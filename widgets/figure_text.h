// Fonts of files: measuring text and cutting it into pieces that one font can show.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "widgets/canvas.h"

struct FT_FaceRec_;

namespace plateau::widgets {

/// The fonts of figures, loaded once per thread with FreeType.
class FigureFonts {
public:
  /// Throws FileError when Inter or JetBrains Mono is not installed.
  FigureFonts();
  ~FigureFonts();
  FigureFonts(const FigureFonts&) = delete;
  FigureFonts& operator=(const FigureFonts&) = delete;

  enum Slot { Regular, Semibold, Mono, Fallback, slot_count };
  struct Piece {
    Slot slot;
    std::string text;
    float width; // in em
  };
  /// Characters that the face lacks come from the fallback font, if that has them.
  std::vector<Piece> pieces(std::string_view utf8, FontFace face) const;
  /// Advance width, ascent + descent.
  Size measure(std::string_view utf8, float size, FontFace face) const;
  /// In em, from the baseline, both positive.
  float ascent(FontFace face) const;
  float descent(FontFace face) const;
  FT_FaceRec_* face(Slot slot) const; // null: no fallback font

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Where the baseline starts, relative to the anchor, in the direction of reading: {along, down}.
Point text_offset(const FigureFonts& fonts, std::string_view utf8, const TextStyle& style);

} // namespace plateau::widgets
