#include "widgets/svg_fonts.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <hb-subset.h>

#include "widgets/fonts.h"

namespace plateau::widgets {
namespace {

template<auto destroy> struct Destroy {
  template<class T> void operator()(T* object) const { destroy(object); }
};
using Blob = std::unique_ptr<hb_blob_t, Destroy<hb_blob_destroy>>;
using Face = std::unique_ptr<hb_face_t, Destroy<hb_face_destroy>>;
using Buffer = std::unique_ptr<hb_buffer_t, Destroy<hb_buffer_destroy>>;
using Input = std::unique_ptr<hb_subset_input_t, Destroy<hb_subset_input_destroy>>;

std::optional<std::filesystem::path> file_of(FigureFonts::Slot slot) {
  return slot == FigureFonts::Fallback ? fallback_font_file() : font_file(FontFace(int(slot)));
}

/// As text elements name them.
const char* family_of(FigureFonts::Slot slot) {
  switch (slot) {
  case FigureFonts::Mono:
    return "JetBrains Mono";
  case FigureFonts::Fallback:
    return "DejaVu Sans";
  default:
    return "Inter";
  }
}

/// The font file with the text's characters alone; empty when that fails.
std::string subset(const std::filesystem::path& file, const std::string& utf8) {
  const Blob blob(hb_blob_create_from_file(file.c_str()));
  const Face whole(hb_face_create(blob.get(), 0));
  const Input input(hb_subset_input_create_or_fail());
  if (!input) return {};
  const Buffer buffer(hb_buffer_create());
  hb_buffer_add_utf8(buffer.get(), utf8.data(), int(utf8.size()), 0, int(utf8.size()));
  unsigned count = 0;
  const auto* characters = hb_buffer_get_glyph_infos(buffer.get(), &count); // not yet shaped: code points
  for (unsigned i = 0; i < count; ++i)
    hb_set_add(hb_subset_input_unicode_set(input.get()), characters[i].codepoint);
  // Without kerning and ligatures, as PDF and the layout have it.
  for (const char* table : {"GSUB", "GPOS", "GDEF"})
    hb_set_add(hb_subset_input_set(input.get(), HB_SUBSET_SETS_DROP_TABLE_TAG),
               hb_tag_from_string(table, -1));
  const Face part(hb_subset_or_fail(whole.get(), input.get()));
  if (!part) return {};
  const Blob bytes(hb_face_reference_blob(part.get()));
  unsigned size = 0;
  const char* data = hb_blob_get_data(bytes.get(), &size);
  return {data, size};
}

} // namespace

void SvgFonts::add(const FigureFonts& fonts, std::string_view utf8, FontFace face) {
  for (const auto& piece : fonts.pieces(utf8, face)) used_[piece.slot] += piece.text;
}

std::string SvgFonts::style() const {
  std::string rules;
  for (const auto& [slot, text] : used_) {
    const auto file = file_of(slot);
    const std::string font = file ? subset(*file, text) : std::string();
    if (!font.empty())
      rules +=
          fmt::format("@font-face{{font-family:\"{}\";font-weight:{};src:url(data:font/{};base64,{})}}\n",
                      family_of(slot), slot == FigureFonts::Semibold ? 600 : 400,
                      font.starts_with("OTTO") ? "otf" : "ttf", base64(font));
  }
  return rules.empty() ? rules : "<style>\n" + rules + "</style>\n";
}

std::string base64(std::string_view bytes) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return k < bytes.size() ? std::uint32_t(static_cast<unsigned char>(bytes[k])) : 0u;
    };
    const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text += letters[three >> 18];
    text += letters[three >> 12 & 63];
    text += i + 1 < bytes.size() ? letters[three >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? letters[three & 63] : '=';
  }
  return text;
}

} // namespace plateau::widgets
