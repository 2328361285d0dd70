#include "app/window/shortcuts.h"

#include <set>

#include "tests/catch.h"

using namespace plateau::window;

TEST_CASE("every chord means one thing and says what") {
  std::set<std::string> chords;
  for (const Shortcut& shortcut : shortcuts()) {
    CHECK_FALSE(shortcut.description.empty());
    REQUIRE_FALSE(shortcut.chords.empty());
    for (const std::string& chord : shortcut.chords) {
      INFO(chord);
      CHECK(chords.insert(chord).second);
      const Shortcut* found = find_shortcut({chord, false});
      REQUIRE(found);
      CHECK(found->action.index() == shortcut.action.index());
    }
  }
}

TEST_CASE("a held key repeats only what moves") {
  CHECK(find_shortcut({"left", true}));
  CHECK_FALSE(find_shortcut({"space", true}));
  CHECK_FALSE(find_shortcut({"r", true}));
  CHECK_FALSE(find_shortcut({"ctrl+r", false}));
}

TEST_CASE("chords are shown as people write them") {
  CHECK(display_name("space") == "Space");
  CHECK(display_name("ctrl+o") == "Ctrl + O");
  CHECK(display_name("f1") == "F1");
  CHECK(display_name("ctrl++") == "Ctrl + +");
}
