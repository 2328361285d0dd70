// The real window on a run that trains.
#include <csignal>
#include <fstream>

#include "engine/recording/reader.h"
#include "tests/catch.h"
#include "tests/gui/window_process.h"

using namespace plateau;
using namespace plateau::test;

TEST_CASE("the window trains, pause stops it and play goes on") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch)}, R"(
wait-step 60
expect-state running
click pause
wait-state paused
click step
frames 5
expect-state paused
click pause
wait-state running
key space
wait-state paused
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto recordings = window_recordings(scratch);
  REQUIRE(recordings.size() == 1);
  const auto run = recording::Reader(recordings[0]).snapshot();
  CHECK(run->step >= 60);
  CHECK(run->members.size() == 2);
  CHECK(run->members[0].series.at("loss/train").size() > 1);
  // Nothing is left in the working directory.
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path)) {
    const std::string name = entry.path().filename().string();
    INFO(name);
    CHECK((name == "home" || name == "script.txt" || name == "window.toml"));
  }
}

TEST_CASE("the attention is switched by clicks, without and with a twin") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch)}, R"(
wait-step 40
expect-members 2
select attention-variant norm-softmax
click switch-now
wait-event intervention
expect-members 2
select attention-variant softmax
click switch-and-keep-twin
wait-members 3
frames 5
expect-item member-2
click member-2
frames 3
wait-step 100
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto recordings = window_recordings(scratch);
  REQUIRE(recordings.size() == 1);
  const auto run = recording::Reader(recordings[0]).snapshot();
  REQUIRE(run->interventions.size() == 2);
  CHECK(run->interventions[0].changes ==
        std::vector<study::Assignment>{{"attention.variant", std::string("norm-softmax")}});
  CHECK_FALSE(run->interventions[0].keep_twin);
  CHECK(run->interventions[1].keep_twin);
  REQUIRE(run->members.size() == 3);
  CHECK(run->members[0].settings.attention.variant == "softmax");
  CHECK(run->members[2].settings.attention.variant == "norm-softmax"); // the twin keeps what was in force
  CHECK(run->members[2].is_twin);
  CHECK(run->members[2].parent == 0);
}

TEST_CASE("the time line is dragged back, and a branch goes on from there") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch, 400)}, R"(
wait-step 300
key space
wait-state paused
drag timeline 0.3
wait-text following no
click branch
wait-members 3
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto run = recording::Reader(window_recordings(scratch).at(0)).snapshot();
  REQUIRE(run->members.size() == 3);
  CHECK(run->members[2].parent == 0);
  CHECK(run->members[2].forked_at % 20 == 0);
  CHECK(run->members[2].forked_at <= 0.3 * 400);
  CHECK(run->members[2].forked_at > 0);
}

TEST_CASE("restart and new seed begin new recordings and leave the old ones alone") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch)}, R"(
wait-step 30
click restart
wait-step 20
key n
frames 5
wait-step 20
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto recordings = window_recordings(scratch);
  REQUIRE(recordings.size() == 3);
  const auto first = recording::Reader(recordings[0]).snapshot();
  const auto again = recording::Reader(recordings[1]).snapshot();
  const auto other = recording::Reader(recordings[2]).snapshot();
  CHECK(first->members[0].seed == again->members[0].seed);
  CHECK(first->members[0].seed != other->members[0].seed);
  // The same seed gives the same curve.
  const auto& a = first->members[0].series.at("loss/train");
  const auto& b = again->members[0].series.at("loss/train");
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) CHECK(a[i].value == b[i].value);
}

TEST_CASE("a setting that needs a restart is applied with one") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch)}, R"(
wait-step 20
click group-model
select model-kind resnet
click apply-and-restart
frames 5
wait-step 10
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto recordings = window_recordings(scratch);
  REQUIRE(recordings.size() == 2);
  const auto run = recording::Reader(recordings[1]).snapshot();
  for (const auto& member : run->members) CHECK(member.settings.model.kind == "resnet");
}

TEST_CASE("a run that cannot start says why, and the window goes on working") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const std::string study = write_window_study(scratch);
  const auto outcome =
      run_window(scratch, server,
                 {study, "--set", "task.indicators=mnist", "--set", "task.mnist_folder=/no/such/folder"},
                 R"(
wait-state failed
expect-text error /no/such/folder
key d
key f1
frames 5
expect-item close-help
key escape
click study
select study eureka
wait-state running
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("the window closes by itself when --quit-after steps are trained, and leaves a picture") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = launch(scratch,
                              {"gui", write_window_study(scratch), "--quit-after", "50", "--size", "1100x700",
                               "--screenshot", (scratch / "end.png").string()},
                              server.environment());
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const Picture picture = read_picture(scratch / "end.png");
  CHECK(picture.width == 1100);
  CHECK(picture.height == 700);
  CHECK(picture.colors > 200);
  CHECK(recording::Reader(window_recordings(scratch).at(0)).snapshot()->step >= 50);
}

TEST_CASE("a signal closes the window like a person would") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  std::ofstream(scratch / "watch.txt") << "wait-step 30\nlist-items\nwait-step 1000000\n";
  PlateauProcess window(scratch, {"gui", write_window_study(scratch), "--script", scratch / "watch.txt"},
                        server.environment());
  REQUIRE(window.wait_for_output("reading state running"));
  window.send(SIGTERM);
  const auto outcome = window.wait();
  INFO(outcome.err);
  CHECK(outcome.exit_code == 130);
  CHECK(recording::Reader(window_recordings(scratch).at(0)).snapshot()->step >= 30);
  CHECK(std::filesystem::exists(scratch / "home/config/plateau/settings.json"));
}

TEST_CASE("without a display there is one line that says what to do") {
  const Scratch scratch;
  const auto outcome =
      launch(scratch, {"gui", write_window_study(scratch)}, {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.err_lines().size() == 1);
  CHECK_THAT(outcome.err, ContainsSubstring("no display"));
  CHECK_THAT(outcome.err, ContainsSubstring("plateau run"));
}

TEST_CASE("a finished run is trained further, and a replayed one goes on, in the same recording") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto first = run_window(scratch, server, {write_window_study(scratch, 60)}, R"(
wait-state finished
expect-step 60
click train-further
wait-step 70
wait-state finished
expect-step 90
quit
)");
  INFO(first.err);
  CHECK(first.exit_code == 0);
  REQUIRE(window_recordings(scratch).size() == 1);
  const std::string file = window_recordings(scratch)[0].string();
  CHECK(recording::Reader(file).snapshot()->step == 90);

  const auto second = run_window(scratch, server, {file}, R"(
wait-step 90
click continue-training
wait-step 100
wait-state finished
quit
)");
  INFO(second.err);
  CHECK(second.exit_code == 0);
  CHECK(window_recordings(scratch).size() == 1);
  const auto run = recording::Reader(file).snapshot();
  CHECK(run->step == 135);
  CHECK(run->planned_steps == 135);
  CHECK(run->members[0].series.at("loss/train").size() == 135);
}

TEST_CASE("a rewind freezes the members and goes on from the playhead with copies") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch, 400)}, R"(
wait-step 200
key space
wait-state paused
drag timeline 0.25
wait-text following no
click rewind
wait-members 4
key space
wait-state running
wait-step 220
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto run = recording::Reader(window_recordings(scratch).at(0)).snapshot();
  REQUIRE(run->members.size() == 4);
  CHECK_FALSE(run->members[0].training);
  CHECK(run->members[2].parent == 0);
  CHECK(run->members[2].forked_at % 20 == 0);
  CHECK(run->members[2].forked_at >= 60);
  CHECK(run->members[2].forked_at <= 100);
  CHECK(run->members[3].parent == 1);
}
