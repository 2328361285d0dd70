// Real X input, as from a person's mouse and keyboard.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "engine/recording/reader.h"
#include "tests/catch.h"
#include "tests/gui/window_process.h"

using namespace plateau;
using namespace plateau::test;

namespace {

/// Middle of an item that the running window named on its standard output (list-items).
std::pair<int, int> item_center(const std::string& output, const std::string& item) {
  const auto at = output.find("item " + item + " ");
  REQUIRE(at != std::string::npos);
  int x = 0, y = 0, width = 0, height = 0;
  REQUIRE(std::sscanf(output.c_str() + at + 6 + item.size(), "%d %d %d %d", &x, &y, &width, &height) == 4);
  return {x + width / 2, y + height / 2};
}

} // namespace

TEST_CASE("a click of a real mouse pauses, and a real key plays") {
  if (!x_server_available()) return;
  if (!on_path("xdotool")) {
    fmt::print(stderr, "SKIPPED: xdotool is not installed (Debian: apt install xdotool)\n");
    return;
  }
  const Scratch scratch;
  const XServer server;
  // The script only watches: what it waits for is done by xdotool.
  const std::string script = (scratch / "watch.txt").string();
  std::ofstream(script) << "timeout 60\nwait-step 20\nframes 5\nlist-items\nwait-state "
                           "paused\nlist-items\nwait-state running\nquit\n";
  PlateauProcess window(scratch, {"gui", write_window_study(scratch), "--script", script},
                        server.environment());
  REQUIRE(window.wait_for_output("reading state running"));
  const auto [x, y] = item_center(window.out_so_far(), "pause");

  const std::string tool = "DISPLAY=" + server.display() + " xdotool ";
  const std::string id = run_tool(tool + "search --sync --onlyvisible --class plateau | head -1");
  const std::string name = id.substr(0, id.find('\n'));
  run_tool(fmt::format("{} mousemove --window {} {} {} sleep 0.3 click 1 2>&1", tool, name, x, y));
  REQUIRE(window.wait_for_output("reading state paused"));
  run_tool(fmt::format("{} windowfocus {} sleep 0.3 key --window {} space 2>&1", tool, name, name));
  const auto outcome = window.wait();
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}
