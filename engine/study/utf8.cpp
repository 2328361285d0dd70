#include "engine/study/utf8.h"

#include <cstddef>

namespace plateau::study {

bool is_plain_utf8(std::string_view text, bool multi_line) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      const bool is_space = lead == '\n' || lead == '\t' || lead == '\r';
      if ((lead < 0x20 && !(multi_line && is_space)) || lead == 0x7f) return false;
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
    unsigned code = lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
      code = code << 6 | (byte(i + k) & 0x3f);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string result(text);
  if (is_plain_utf8(text)) return result;
  for (auto& letter : result)
    if (letter < ' ' || letter > '~') letter = '?';
  return result;
}

} // namespace plateau::study
