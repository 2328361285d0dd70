// UTF-8 and the characters that a text task keeps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace plateau::tasks {

constexpr char32_t replacement_character = 0xfffd; // �

struct Decoded {
  std::u32string text;                      // each byte that is part of no character became �
  std::optional<std::size_t> first_invalid; // offset of the first of them
};
Decoded decode_utf8(std::string_view bytes);

std::string encode_utf8(char32_t character);

/// As a plain reader sees it: tabs are spaces, a backspace takes the character before it away (typewriters'
/// underlining), and of other control characters only the line break stays.
std::u32string without_controls(std::u32string_view text);

} // namespace plateau::tasks
