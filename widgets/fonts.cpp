#include "widgets/fonts.h"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "widgets/imgui_compat.h"

namespace plateau::widgets {
namespace {

const char* file_name(FontFace face) {
  switch (face) {
  case FontFace::Regular:
    return "Inter-Regular.otf";
  case FontFace::Semibold:
    return "Inter-SemiBold.otf";
  case FontFace::Mono:
    return "JetBrainsMono-Regular.ttf";
  }
  return "";
}

std::optional<std::filesystem::path> search(const char* name) {
  std::vector<std::filesystem::path> folders;
  if (const char* own = std::getenv("PLATEAU_FONTS"); own && *own) folders.emplace_back(own);
  for (const char* base : {"/usr/share/fonts", "/usr/local/share/fonts"})
    for (const char* folder :
         {"opentype/inter", "truetype/jetbrains-mono", "truetype/dejavu", "truetype/inter"})
      folders.push_back(std::filesystem::path(base) / folder);
  if (const char* home = std::getenv("HOME"); home && *home)
    folders.push_back(std::filesystem::path(home) / ".local/share/fonts");
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / name, ignored)) return folder / name;
  }
  return std::nullopt;
}

// Needed before ImGui 1.92, which loads glyphs as they are met.
constexpr ImWchar glyphs[] = {
    0x0020, 0x00FF, // Latin-1 with superscript 1 2 3, multiplication sign and middle dot
    0x0100, 0x017F, // Latin Extended-A
    0x0370, 0x03FF, // Greek
    0x1D2C, 0x1D6A, // raised and lowered letters
    0x2010, 0x2027, // dashes, quotes, bullet, ellipsis
    0x202F, 0x203A, // narrow spaces, primes
    0x2070, 0x209C, // superscripts and subscripts
    0x2102, 0x2124, // blackboard letters
    0x2190, 0x21FF, // arrows
    0x2200, 0x22FF, // mathematical operators
    0x2308, 0x230B, // floor, ceiling
    0x2318, 0x2318, 0x2325, 0x2325, 0x21E7, 0x21E7, // keys
    0x23CE, 0x23CE, 0x2423, 0x2423,                 // a written line break, a written space
    0x25A0, 0x25FF,                                 // geometric shapes
    0x2605, 0x2606, 0x2713, 0x2717,                 // star, tick, cross
    0x27E8, 0x27E9,                                 // angle brackets
    0};

// Ascent + descent in em, from the fonts' own tables; what ImGui calls a font's size.
constexpr float inter_height = 1.21f, jetbrains_height = 1.32f;

} // namespace

std::optional<std::filesystem::path> font_file(FontFace face) {
  return search(file_name(face));
}

std::optional<std::filesystem::path> fallback_font_file() {
  return search("DejaVuSans.ttf");
}

Fonts load_fonts(float scale) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  prepare_atlas(atlas, scale > 1.5f ? 4096 : 2048);

  Fonts fonts;
  fonts.scale = scale;
  const auto fallback = fallback_font_file();
  const auto load = [&](FontFace face, float em) -> ImFont* {
    const auto file = font_file(face);
    if (!file) {
      fonts.note = fmt::format("{} not found (Debian: fonts-inter, fonts-jetbrains-mono); using ImGui's font",
                               file_name(face));
      ImFontConfig config;
      config.SizePixels = std::round(em * scale);
      return atlas.AddFontDefault(&config);
    }
    const float height = face == FontFace::Mono ? jetbrains_height : inter_height;
    (face == FontFace::Mono ? fonts.mono_height : fonts.text_height) = height;
    const float size = std::round(em * scale * height);
    ImFont* font = atlas.AddFontFromFileTTF(file->string().c_str(), size, nullptr, glyphs);
    if (font && fallback) {
      ImFontConfig config;
      config.MergeMode = true;
      atlas.AddFontFromFileTTF(fallback->string().c_str(), std::round(em * scale * 1.16f), &config, glyphs);
    }
    return font;
  };
  fonts.regular = load(FontFace::Regular, Fonts::regular_size);
  fonts.semibold = load(FontFace::Semibold, Fonts::regular_size);
  fonts.mono = load(FontFace::Mono, Fonts::regular_size - 1);
  fonts.small = load(FontFace::Regular, Fonts::small_size);
  fonts.small_semibold = load(FontFace::Semibold, Fonts::small_size);
  fonts.small_mono = load(FontFace::Mono, Fonts::small_size - 0.5f);
  fonts.heading = load(FontFace::Semibold, Fonts::heading_size);
  ImGui::GetIO().FontDefault = fonts.regular;
  return fonts;
}

Fonts::Choice Fonts::nearest(FontFace face, float size) const {
  const bool is_small = size <= (regular_size + small_size) / 2 * scale;
  const bool is_large = size >= (regular_size + heading_size) / 2 * scale;
  const float height = face == FontFace::Mono ? mono_height : text_height;
  ImFont* font = is_small ? small : regular;
  float own = is_small ? small_size : regular_size; // em, as in load_fonts
  if (face == FontFace::Semibold) {
    font = is_small ? small_semibold : is_large ? heading : semibold;
    if (is_large) own = heading_size;
  } else if (face == FontFace::Mono) {
    font = is_small ? small_mono : mono;
    own -= is_small ? 0.5f : 1;
  }
  const float loaded = std::round(own * scale * height), wanted = size * height;
  return {font, std::abs(wanted - loaded) < 0.1f * loaded ? loaded : wanted};
}

} // namespace plateau::widgets
