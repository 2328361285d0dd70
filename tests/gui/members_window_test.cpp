// The real window: members are renamed, hidden, removed and compared, and the recording keeps it.
#include "engine/recording/annotations.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"
#include "tests/gui/window_process.h"

using namespace plateau;
using namespace plateau::test;

TEST_CASE("members are renamed, hidden, coloured and removed by hand, and the file keeps it") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto file = scratch / "run.plateau";
  write_synthetic_recording(file);
  const auto outcome = run_window(scratch, server, {file.string()}, R"(
wait-step 4000
resize 1600 1000
double-click member-name-0
wait-item rename-field
type rename-field "softmax, first"
frames 3
expect-item "plot-loss/legend/softmax, first"
ctrl-click visible-0
frames 3
expect-no-item plot-loss/legend/CNN
click show-all
frames 3
expect-item plot-loss/legend/CNN
right-click visible-2
click color-5
frames 3
click member-1
key delete
frames 3
expect-no-item member-1
key ctrl+z
frames 3
expect-item member-1
key delete
frames 3
expect-item bring-back
click member-2
click member-0
hold x
expect-text member CNN
expect-text flipped yes
release x
expect-text member softmax
expect-text flipped no
tab Summary
frames 3
expect-item summary-member-0
click summary-save
frames 3
expect-text summary-note run-summary.csv
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto looks = recording::read_annotations(file).looks;
  REQUIRE(looks.contains(0));
  REQUIRE(looks.contains(1));
  REQUIRE(looks.contains(2));
  CHECK(looks.at(0).name == "softmax, first");
  CHECK(looks.at(1).removed);
  CHECK_FALSE(looks.at(2).color.empty());
  CHECK_THAT(read_file(scratch / "run-summary.csv"), ContainsSubstring("\"softmax, first\""));

  // Opened again it looks the same.
  const auto again = run_window(scratch, server, {file.string()}, R"(
wait-step 4000
frames 3
expect-members 2
expect-item "plot-loss/legend/softmax, first"
quit
)");
  INFO(again.err);
  CHECK(again.exit_code == 0);
}

TEST_CASE("a recording is opened beside another one and taken away again") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  write_synthetic_recording(scratch / "run.plateau");
  write_synthetic_recording(scratch / "other.plateau");
  const auto outcome = run_window(
      scratch, server, {(scratch / "run.plateau").string(), (scratch / "other.plateau").string()}, R"(
wait-members 6
resize 1600 1000
frames 5
expect-item "plot-loss/legend/other: ViT"
click member-1004
frames 3
expect-text member "other: CNN"
click take-away-other
frames 3
expect-members 3
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto refused = run_window(scratch, server, {(scratch / "run.plateau").string(), "eureka"}, "quit\n");
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("only recordings"));
}
