#include "engine/tasks/unicode.h"

namespace plateau::tasks {
namespace {

constexpr char32_t byte_order_mark = 0xfeff;

/// Bytes of the well-formed character at the beginning, 0 if there is none (RFC 3629).
std::size_t read_character(std::string_view bytes, char32_t& character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const unsigned lead = byte(0);
  character = lead;
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > bytes.size()) return 0;
  character = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  return overlong || surrogate || character > 0x10ffff ? 0 : length;
}

} // namespace

Decoded decode_utf8(std::string_view bytes) {
  Decoded result;
  result.text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    char32_t character = 0;
    const std::size_t length = read_character(bytes.substr(at), character);
    if (length == 0 && !result.first_invalid) result.first_invalid = at;
    result.text += length == 0 ? replacement_character : character;
    at += length == 0 ? 1 : length;
  }
  return result;
}

std::string encode_utf8(char32_t character) {
  const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  const auto tail = [&](int shift) { return byte(0x80 | (character >> shift & 0x3f)); };
  if (character < 0x80) return {byte(character)};
  if (character < 0x800) return {byte(0xc0 | character >> 6), tail(0)};
  if (character < 0x10000) return {byte(0xe0 | character >> 12), tail(6), tail(0)};
  return {byte(0xf0 | character >> 18), tail(12), tail(6), tail(0)};
}

std::u32string without_controls(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (const char32_t character : text) {
    if (character == '\b') {
      if (!result.empty() && result.back() != '\n') result.pop_back();
      continue;
    }
    const bool control =
        character < 0x20 || (character >= 0x7f && character < 0xa0) || character == byte_order_mark;
    if (character == '\t')
      result += U' ';
    else if (!control || character == '\n')
      result += character;
  }
  return result;
}

} // namespace plateau::tasks
