#include "engine/tasks/unicode.h"

#include "engine/study/utf8.h"
#include "tests/catch.h"

using namespace plateau::tasks;

TEST_CASE("UTF-8 is read and written") {
  CHECK(decode_utf8("aé–😀\n").text == U"aé–😀\n");
  CHECK_FALSE(decode_utf8("aé–😀").first_invalid);
  CHECK(decode_utf8("").text.empty());
  for (const char32_t character : {U'\0', U'a', U'\x7f', U'\x80', U'é', U'\x7ff', U'\x800', U'–', U'\xd7ff',
                                   U'\xe000', U'\xffff', U'\x10000', U'😀', U'\x10ffff'}) {
    const auto again = decode_utf8(encode_utf8(character));
    CHECK_FALSE(again.first_invalid);
    CHECK(again.text == std::u32string(1, character));
  }
}

TEST_CASE("what is no UTF-8 is told by its offset and replaced byte by byte") {
  const auto check = [](const std::string& bytes, std::size_t offset, const std::u32string& text) {
    INFO(plateau::study::printable(bytes));
    const auto decoded = decode_utf8(bytes);
    CHECK(decoded.first_invalid == offset);
    CHECK(decoded.text == text);
    CHECK_FALSE(plateau::study::is_plain_utf8(bytes));
  };
  check("ab\xff-\xfe", 2, U"ab�-�");
  check("é\x80", 2, U"é�");
  check("a\xc3", 1, U"a�");                     // cut off
  check("a\xe2\x80", 1, U"a��");                // likewise
  check("a\xc3-", 1, U"a�-");                   // no continuation
  check("\xc0\xaf", 0, U"��");                  // overlong
  check("\xe0\x80\xaf", 0, U"���");             // likewise
  check("\xed\xa0\x80", 0, U"���");             // a surrogate
  check("\xf4\x90\x80\x80", 0, U"����");        // beyond 0x10ffff
  check("caf\xe9 au lait", 3, U"caf� au lait"); // Latin-1
}

TEST_CASE("only characters that a reader sees are kept") {
  CHECK(without_controls(U"a\tb\r\nc\a\x1b\x7f\x85\xfeff"
                         U"d\n\n") == U"a b\ncd\n\n");
  CHECK(without_controls(U"_\bt_\bo 'e\b\be") == U"to e");
  CHECK(without_controls(U"___\b\b\bno") == U"no");
  CHECK(without_controls(U"\b\ba\n\bb") == U"a\nb"); // never beyond the line's beginning
  CHECK(without_controls(U" é–😀 ") == U" é–😀 ");
}
