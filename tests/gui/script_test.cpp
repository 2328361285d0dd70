#include "app/window/script.h"

#include "engine/errors.h"
#include "tests/catch.h"

using namespace plateau;
using window::parse_script;

namespace {

std::string refusal(const std::string& text) {
  try {
    parse_script(text, "lesson.txt");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

} // namespace

TEST_CASE("a script is read line by line") {
  const auto script =
      parse_script("# a comment\n\nclick pause   # another\n  type open-path \"/a b/c.plateau\"\n"
                   "drag timeline 0.5\nquit",
                   "lesson.txt");
  REQUIRE(script.commands.size() == 4);
  CHECK(script.commands[0].line == 3);
  CHECK(script.commands[0].name == "click");
  CHECK(script.commands[0].arguments == std::vector<std::string>{"pause"});
  CHECK(script.commands[1].arguments == std::vector<std::string>{"open-path", "/a b/c.plateau"});
  CHECK(script.commands[2].arguments == std::vector<std::string>{"timeline", "0.5"});
  CHECK(script.commands[3].line == 6);
}

TEST_CASE("a mistake in a script is named with its line") {
  CHECK(refusal("frames 2\nclik pause") == "lesson.txt:2: unknown command 'clik', did you mean 'click'?");
  CHECK(refusal("click") == "lesson.txt:1: 'click' takes 1 argument, not 0");
  CHECK(refusal("wait-step soon") == "lesson.txt:1: 'soon' is not a number");
  CHECK(refusal("type open-path \"/half") == "lesson.txt:1: a quotation mark is not closed");
  CHECK(refusal("theme green") == "lesson.txt:1: the theme is light or dark, not 'green'");
}
