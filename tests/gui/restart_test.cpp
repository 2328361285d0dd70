// The window is closed, or killed, and started again.
#include <csignal>
#include <fstream>

#include <fmt/format.h>

#include "engine/recording/lock.h"
#include "engine/recording/overview.h"
#include "engine/recording/reader.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"
#include "tests/gui/window_process.h"
#include "tests/gui/x_hands.h"

using namespace plateau;
using namespace plateau::test;
using recording::LockState;

namespace {

/// A person's window, in which the script only watches.
PlateauProcess watched(const Scratch& scratch, const XServer& server, std::vector<std::string> arguments,
                       const std::string& script) {
  static int count = 0;
  const std::string file = (scratch / fmt::format("watch-{}.txt", ++count)).string();
  std::ofstream(file) << "keep-workspace\ntimeout 60\n" << script;
  arguments.insert(arguments.begin(), {"gui", "--size", "1280x800"});
  arguments.insert(arguments.end(), {"--script", file});
  return PlateauProcess(scratch, arguments, server.environment());
}

/// Trains until a checkpoint is there, and is killed.
std::filesystem::path killed_run(const Scratch& scratch, const XServer& server, const std::string& study) {
  PlateauProcess window =
      watched(scratch, server, {study}, "wait-step 60\nframes 3\nlist-items\nwait-step 90000\n");
  REQUIRE(window.wait_for_output("reading state running"));
  window.send(SIGKILL);
  CHECK(window.wait().exit_code == 128 + SIGKILL);
  const auto recordings = window_recordings(scratch);
  REQUIRE(recordings.size() == 1);
  REQUIRE(recording::lock_state(recordings[0]) == LockState::LeftOver);
  return recordings[0];
}

} // namespace

TEST_CASE("after a crash the window offers to go on, and a click does") {
  if (!x_server_available() || !hands_available()) return;
  const Scratch scratch;
  const XServer server;
  const std::string study = write_window_study(scratch);
  const auto recording = killed_run(scratch, server, study);
  const auto before = recording::read_overview(recording);
  REQUIRE(before.can_be_resumed);

  PlateauProcess window = watched(
      scratch, server, {study},
      fmt::format(
          "wait-item offer-train\nwait-text offer \"ended without closing {}\"\nframes 3\nlist-items\n"
          "wait-text recording {}\nwait-state running\nexpect-no-item offer\nwait-step {}\n"
          "click pause\nwait-state paused\nquit\n",
          recording.filename().string(), recording.filename().string(), before.step + 40));
  REQUIRE(window.wait_for_output("item offer-train"));
  const XHands hands(server);
  hands.click(window.out_so_far(), "offer-train");
  const auto outcome = window.wait();
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto after = recording::Reader(recording).snapshot();
  CHECK(after->step >= before.step + 40);
  CHECK(after->members.size() == 2);
  CHECK(recording::lock_state(recording) == LockState::Free);
}

TEST_CASE("what was not closed can be opened without training, or left, and is then not offered again") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const std::string study = write_window_study(scratch);
  const auto recording = killed_run(scratch, server, study);
  const auto open =
      watched(scratch, server, {study},
              "wait-item offer-open\nclick offer-open\nwait-state \"replay, paused\"\nwait-text "
              "recording " +
                  recording.filename().string() + "\nexpect-no-item offer\nquit\n")
          .wait();
  INFO(open.err);
  CHECK(open.exit_code == 0);
  CHECK(recording::lock_state(recording) == LockState::Free);
  const auto none = watched(scratch, server, {study}, "wait-step 10\nexpect-no-item offer\nquit\n").wait();
  INFO(none.err);
  CHECK(none.exit_code == 0);
}

TEST_CASE("a run that another window trains is no crash") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const std::string study = write_window_study(scratch);
  PlateauProcess first =
      watched(scratch, server, {study}, "wait-step 60\nframes 3\nlist-items\nwait-step 90000\n");
  REQUIRE(first.wait_for_output("reading state running"));
  const auto second =
      watched(scratch, server, {study}, "wait-step 10\nframes 3\nexpect-no-item offer\nquit\n").wait();
  INFO(second.err);
  CHECK(second.exit_code == 0);
  first.send(SIGTERM);
  CHECK(first.wait().exit_code == 130);
}

TEST_CASE(
    "what was open last is offered by a start without arguments, with all that was beside and looked at") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "first.plateau");
  write_synthetic_recording(scratch / "second.plateau");
  const auto first =
      watched(scratch, server, {(scratch / "first.plateau").string(), (scratch / "second.plateau").string()},
              R"(
wait-step 4000
wait-members 6
expect-no-item offer
click member-1
tab Saturation
click log-steps
click curves/Loss
key home
frames 3
resize 1100 760
frames 5
quit
)")
          .wait();
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
  const std::string saved = read_file(scratch / "home/state/plateau/workspace.json");
  INFO(saved);
  CHECK_THAT(saved, ContainsSubstring("first.plateau"));
  CHECK_THAT(saved, ContainsSubstring("second.plateau"));
  CHECK_THAT(saved, ContainsSubstring("\"step_scale\": \"log\""));

  // Looked into and closed: offered again.
  const auto glance = watched(scratch, server, {}, "wait-item offer-open\nquit\n").wait();
  INFO(glance.err);
  CHECK(glance.exit_code == 0);
  CHECK(read_file(scratch / "home/state/plateau/workspace.json") == saved);

  const auto again = watched(scratch, server, {}, R"(
wait-text offer "Last time: first.plateau"
expect-text offer "with 1 beside"
click offer-open
wait-members 6
wait-text recording first.plateau
wait-text tab Saturation
expect-no-item offer
frames 5
expect-no-item plot-accuracy
expect-text step 0
click live
frames 3
quit
)")
                         .wait();
  INFO(again.err);
  CHECK(again.exit_code == 0);

  // A script that does not say so neither is offered anything nor leaves anything.
  const std::string before = read_file(scratch / "home/state/plateau/workspace.json");
  CHECK_THAT(before, ContainsSubstring("\"step_scale\": \"log\"")); // shown so again
  const auto script = run_window(scratch, server, {}, "frames 20\nexpect-no-item offer\nquit\n");
  INFO(script.err);
  CHECK(script.exit_code == 0);
  CHECK(read_file(scratch / "home/state/plateau/workspace.json") == before);
}

TEST_CASE("files are dragged into the window: a recording, several, a study, and one that is neither") {
  if (!x_server_available() || !hands_available() || !XHands::can_drop()) return;
  const Scratch scratch;
  const XServer server;
  for (const char* name : {"first", "second", "third"})
    write_synthetic_recording(scratch / (std::string(name) + ".plateau"));
  const std::string study = write_window_study(scratch);
  std::ofstream(scratch / "notes.txt") << "hello";
  const std::string script = R"(
wait-step 4000
frames 3
list-items
wait-text message "notes.txt' is neither a recording"
expect-text message ".toml"
expect-text recording first.plateau
list-items
wait-text recording second.plateau
wait-members 9
list-items
wait-text recording window-
wait-state running
quit
)";
  PlateauProcess window = watched(scratch, server, {(scratch / "first.plateau").string()}, script);
  REQUIRE(window.wait_for_output("reading recording"));
  const XHands hands(server);
  CHECK(hands.drop({scratch / "notes.txt"}));
  REQUIRE(window.wait_for_output("reading message '"));
  CHECK(hands.drop({scratch / "second.plateau", scratch / "first.plateau", scratch / "third.plateau"}));
  REQUIRE(window.wait_for_output("item take-away-third"));
  CHECK(hands.drop({study}));
  const auto outcome = window.wait();
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("the open dialog is used with real keys alone") {
  if (!x_server_available() || !hands_available()) return;
  const Scratch scratch;
  const XServer server;
  for (const char* name : {"first", "second"})
    write_synthetic_recording(scratch / (std::string(name) + ".plateau"));
  PlateauProcess window = watched(scratch, server, {(scratch / "first.plateau").string()}, R"(
wait-step 4000
frames 3
list-items
wait-item open-path
frames 5
list-items
wait-text open-selected second.plateau
frames 3
list-items
wait-text recording second.plateau
quit
)");
  REQUIRE(window.wait_for_output("reading recording"));
  const XHands hands(server);
  hands.key("ctrl+o");
  REQUIRE(window.wait_for_output("item open-path"));
  hands.type(scratch.path.string() + "/");
  hands.key("Down"); // after home, first: second
  hands.key("Down");
  INFO(window.out_so_far());
  REQUIRE(window.wait_for_output("reading open-selected " + (scratch / "second.plateau").string()));
  hands.key("Return");
  const auto outcome = window.wait();
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}
