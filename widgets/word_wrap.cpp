#include "widgets/word_wrap.h"

#include <imgui.h>

#include <algorithm>
#include <cctype>

namespace plateau::widgets {
namespace {

bool digit(std::string_view text, std::size_t at) {
  return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]));
}

/// A space that groups digits: "1 050".
bool groups_digits(std::string_view text, std::size_t space) {
  return space > 0 && digit(text, space - 1) && digit(text, space + 1) && digit(text, space + 2) &&
         digit(text, space + 3) && !digit(text, space + 4);
}

std::size_t end_of_word(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && text[end] != '\n' && (text[end] != ' ' || groups_digits(text, end))) ++end;
  return end;
}

std::size_t next_character(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

} // namespace

std::string word_wrap(std::string_view text, float width,
                      const std::function<float(std::string_view)>& measure) {
  std::string lines;
  lines.reserve(text.size() + 16);
  const float space = measure(" ");
  float used = 0;         // of the line so far
  std::size_t spaces = 0; // that came since
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n') {
      lines += '\n';
      used = 0;
      spaces = 0;
      ++at;
      continue;
    }
    if (text[at] == ' ') {
      ++spaces;
      ++at;
      continue;
    }
    const std::size_t end = end_of_word(text, at);
    std::string_view word = text.substr(at, end - at);
    float wide = measure(word);
    if (used > 0 && used + static_cast<float>(spaces) * space + wide > width) {
      lines += '\n';
      used = 0;
      spaces = 0;
    }
    lines.append(spaces, ' ');
    used += static_cast<float>(spaces) * space;
    spaces = 0;
    while (used + wide > width) { // a word by itself on its line, and still too long
      std::size_t fits = next_character(word, 0);
      for (auto more = fits; more < word.size() && measure(word.substr(0, more)) <= width;
           more = next_character(word, more))
        fits = more;
      if (fits >= word.size()) break;
      lines.append(word.substr(0, fits)) += '\n';
      word.remove_prefix(fits);
      wide = measure(word);
      used = 0;
    }
    lines += word;
    used += wide;
    at = end;
  }
  return lines;
}

std::string word_wrap(std::string_view text, float width) {
  return word_wrap(text, width, [](std::string_view part) {
    return ImGui::CalcTextSize(part.data(), part.data() + part.size()).x;
  });
}

} // namespace plateau::widgets
