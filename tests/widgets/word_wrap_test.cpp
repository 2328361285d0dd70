#include "widgets/word_wrap.h"

#include "tests/catch.h"

using plateau::widgets::word_wrap;

namespace {

/// Every character one wide, as in a mono font; "·" and the like count once.
float columns(std::string_view text) {
  float count = 0;
  for (const unsigned char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

std::string wrapped(std::string_view text, float width) {
  return word_wrap(text, width, columns);
}

} // namespace

TEST_CASE("Words: lines break at spaces and keep within the width") {
  CHECK(wrapped("one two three", 7) == "one two\nthree");
  CHECK(wrapped("one two three", 100) == "one two three");
  CHECK(wrapped("one  two", 8) == "one  two");
  CHECK(wrapped("one two\nthree", 100) == "one two\nthree");
  CHECK(wrapped("", 10).empty());
  CHECK(wrapped("a · b · c", 5) == "a · b\n· c");
}

TEST_CASE("Words: numbers are kept whole") {
  CHECK(wrapped("accuracy 0.32 late", 11) == "accuracy\n0.32 late");
  CHECK(wrapped("at step 1 050 (12 345 678 steps)", 11) == "at step\n1 050\n(12 345 678\nsteps)");
  CHECK(wrapped("from 50 to 1000", 9) == "from 50\nto 1000");
}

TEST_CASE("Words: a word wider than a line is broken where it must be") {
  CHECK(wrapped("x abcdefgh y", 3) == "x\nabc\ndef\ngh\ny");
  CHECK(wrapped("äöüäö", 2) == "äö\nüä\nö");
  CHECK(wrapped("ab", 0) == "a\nb");
}
