// The real window on a recording: nothing is trained.
#include <fstream>

#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"
#include "tests/gui/window_process.h"

using namespace plateau::test;

TEST_CASE("a recording is opened by its path, scrubbed and played") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "run.plateau");
  const auto outcome = run_window(scratch, server, {(scratch / "run.plateau").string()}, R"(
wait-step 4000
expect-state "replay, paused"
expect-members 3
key home
frames 3
expect-step 0
key right
frames 3
expect-step 10
drag timeline 0.5
frames 5
wait-text following no
click live
frames 3
expect-step 4000
key space
wait-state replay
key space
frames 3
expect-state "replay, paused"
click event-3
frames 3
expect-step 2500
tab Saturation
frames 3
expect-text tab Saturation
key 3
frames 3
expect-text tab Components
key 4
frames 3
expect-text tab Gradients
click member-2
key 1
frames 5
expect-text tab Attention
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK(window_recordings(scratch).empty());
}

TEST_CASE("a recording of linear transformers has its own tabs, and hides what its study hides") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_recording(scratch / "linear.plateau", *synthetic_linear_snapshot(), synthetic_linear_frame);
  const auto outcome = run_window(scratch, server, {(scratch / "linear.plateau").string()}, R"(
wait-step 1500
wait-text tab Optimizer
expect-no-item tab-attention
expect-no-item "plot-loss/legend/SGD · seed 1"
click visible-2
frames 3
expect-item "plot-loss/legend/SGD · seed 1"
click "optimizer-view/P and Q"
frames 3
expect-item linear-matrices/0
click "optimizer-view/Gradient descent"
select descent-average median
frames 3
expect-item plot-gradient-descent
key 2
frames 3
expect-text tab Gradients
key f1
frames 3
expect-item close-help
click close-help
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("a recording is opened in the dialog while another run is there") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "first.plateau");
  write_synthetic_recording(scratch / "second.plateau");
  const std::string second = (scratch / "second.plateau").string();
  const auto outcome = run_window(scratch, server, {(scratch / "first.plateau").string()}, R"(
wait-step 4000
expect-text recording first.plateau
key ctrl+o
wait-item open-path
type open-path )" + second + R"(
wait-text recording second.plateau
wait-step 4000
click open
wait-item recent-1
click recent-1
wait-text recording first.plateau
click open
wait-item open-path
type open-path /no/such.plateau
wait-text open-problem /no/such.plateau
key escape
frames 3
expect-no-item open-path
expect-text recording first.plateau
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("both themes draw every tab in any size") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "run.plateau");
  std::string script = "wait-step 4000\n";
  for (const char* theme : {"light", "dark"})
    for (const char* size : {"640 480", "1280 800"}) {
      script += std::string("theme ") + theme + "\nresize " + size + "\n";
      for (const char* tab : {"1", "2", "3", "4"}) script += std::string("key ") + tab + "\nframes 2\n";
      script +=
          std::string("screenshot ") + (scratch / (std::string(theme) + size + ".png")).string().append("\n");
    }
  // Paths with spaces are quoted.
  std::string quoted;
  for (std::size_t at = 0; at < script.size();) {
    const auto end = script.find('\n', at);
    std::string line = script.substr(at, end - at);
    if (line.starts_with("screenshot ")) line = "screenshot \"" + line.substr(11) + "\"";
    quoted += line + "\n";
    at = end + 1;
  }
  const auto outcome =
      run_window(scratch, server, {(scratch / "run.plateau").string(), "--font-scale", "1"}, quoted);
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  for (const char* size : {"640 480", "1280 800"}) {
    const Picture light = read_picture(scratch / (std::string("light") + size + ".png"));
    const Picture dark = read_picture(scratch / (std::string("dark") + size + ".png"));
    CHECK(light.width == std::stoi(size));
    CHECK(light.colors > 200);
    CHECK(dark.colors > 200);
    CHECK(light.brightness > 0.75);
    CHECK(dark.brightness < 0.35);
  }
}

TEST_CASE("settings are kept from one time to the next") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "run.plateau");
  const std::vector<std::string> arguments = {(scratch / "run.plateau").string()};
  const auto first = run_window(scratch, server, arguments, R"(
wait-step 4000
theme light
key ctrl++
drag-by splitter-left 40 0
quit
)");
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
  const std::string settings = read_file(scratch / "home/config/plateau/settings.json");
  CHECK_THAT(settings, ContainsSubstring("\"theme\": \"light\""));
  CHECK_THAT(settings, ContainsSubstring("run.plateau"));
  CHECK_THAT(settings, !ContainsSubstring("\"font_scale\": 1.0,"));
  CHECK_THAT(settings, !ContainsSubstring("\"left_width\": 0.0"));
  const auto second = run_window(scratch, server, arguments,
                                 "wait-step 4000\nscreenshot " + (scratch / "s.png").string() + "\n");
  REQUIRE(second.exit_code == 0);
  CHECK(read_picture(scratch / "s.png").brightness > 0.75);
}

TEST_CASE("an expectation that fails ends with exit code 1, file and line") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "run.plateau");
  const std::vector<std::string> arguments = {(scratch / "run.plateau").string()};
  const auto wrong_state = run_window(scratch, server, arguments, "wait-step 4000\nexpect-state running\n");
  CHECK(wrong_state.exit_code == 1);
  CHECK_THAT(wrong_state.err,
             ContainsSubstring("script.txt:2: expected state running, found replay, paused"));
  const auto wrong_members = run_window(scratch, server, arguments, "wait-step 4000\nexpect-members 7\n");
  CHECK(wrong_members.exit_code == 1);
  const auto in_vain = run_window(scratch, server, arguments, "timeout 0.5\nwait-step 5000\n");
  CHECK(in_vain.exit_code == 1);
  CHECK_THAT(in_vain.err, ContainsSubstring("script.txt:2: waited"));
}

TEST_CASE("a script with a mistake is refused before a window opens") {
  const Scratch scratch;
  std::ofstream(scratch / "bad.txt") << "clik pause\n";
  const auto outcome = launch(scratch, {"gui", "--script", (scratch / "bad.txt").string()});
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("bad.txt:1: unknown command 'clik'"));
}
