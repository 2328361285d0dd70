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
      const Action* found = action_of({.chord = chord});
      REQUIRE(found);
      CHECK(found->index() == shortcut.action.index());
    }
  }
}

TEST_CASE("a held key repeats only what moves") {
  CHECK(action_of({.chord = "left", .repeated = true}));
  CHECK_FALSE(action_of({.chord = "space", .repeated = true}));
  CHECK_FALSE(action_of({.chord = "r", .repeated = true}));
  CHECK_FALSE(action_of({.chord = "ctrl+r"}));
}

TEST_CASE("chords are shown as people write them") {
  CHECK(display_name("space") == "Space");
  CHECK(display_name("ctrl+o") == "Ctrl + O");
  CHECK(display_name("f1") == "F1");
  CHECK(display_name("ctrl++") == "Ctrl + +");
  CHECK(display_name("shift+left") == "Shift + Left");
}

TEST_CASE("Shift makes another chord only where the table knows it") {
  CHECK(std::holds_alternative<ShowBranchDialog>(*action_of({.chord = "shift+b"})));
  CHECK(std::holds_alternative<BranchHere>(*action_of({.chord = "b"})));
  CHECK(std::holds_alternative<ScrubToEvent>(*action_of({.chord = "shift+left"})));
  CHECK(std::holds_alternative<Restart>(*action_of({.chord = "shift+r"})));
  CHECK(std::holds_alternative<Redo>(*action_of({.chord = "ctrl+shift+z"})));
}

TEST_CASE("a key that is held acts again when it goes up") {
  const Action* pressed = action_of({.chord = "x"});
  const Action* released = action_of({.chord = "x", .released = true});
  REQUIRE(pressed);
  REQUIRE(released);
  CHECK(std::get<FlipMember>(*pressed).held);
  CHECK_FALSE(std::get<FlipMember>(*released).held);
  CHECK_FALSE(action_of({.chord = "space", .released = true})); // acts once
}
