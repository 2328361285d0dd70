// Real X input, as from a person's mouse and keyboard.
#include <fstream>

#include "tests/catch.h"
#include "tests/gui/window_process.h"
#include "tests/gui/x_hands.h"

using namespace plateau;
using namespace plateau::test;

TEST_CASE("a click of a real mouse pauses, and a real key plays") {
  if (!x_server_available() || !hands_available()) return;
  const Scratch scratch;
  const XServer server;
  // The script only watches: what it waits for is done by xdotool.
  const std::string script = (scratch / "watch.txt").string();
  std::ofstream(script) << "timeout 60\nwait-step 20\nframes 5\nlist-items\nwait-state "
                           "paused\nlist-items\nwait-state running\nquit\n";
  PlateauProcess window(scratch, {"gui", write_window_study(scratch), "--script", script},
                        server.environment());
  REQUIRE(window.wait_for_output("reading state running"));
  const XHands hands(server);
  hands.click(window.out_so_far(), "pause");
  REQUIRE(window.wait_for_output("reading state paused"));
  hands.key("space");
  const auto outcome = window.wait();
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}
