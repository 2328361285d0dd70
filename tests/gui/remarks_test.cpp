// The real window: remarks, corrected plateaus, scales and linked axes, by clicks and drags.
#include "app/commands/figure.h"
#include "engine/recording/annotations.h"
#include "tests/catch.h"
#include "tests/gui/headless_window.h"
#include "tests/gui/window_process.h"

using namespace plateau;
using namespace plateau::test;

TEST_CASE("remarks are written, changed and taken back by hand, and stand in exported figures") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto file = scratch / "run.plateau";
  write_synthetic_recording(file);
  const auto outcome = run_window(scratch, server, {file.string()}, R"(
wait-step 4000
resize 1600 1000
frames 3
right-click plot-loss/area
click plot-menu-remark
wait-item remark-text
type remark-text "here it thinks"
frames 3
expect-item remark-0
right-click plot-accuracy/area
click plot-menu-edit-remark
wait-item remark-text
type remark-text "here it jumps"
frames 3
right-click plot-loss/area
click plot-menu-remark
wait-item remark-text
click remark-cancel
frames 3
expect-no-item remark-1
right-click remark-0
click remark-menu-delete
frames 3
expect-no-item remark-0
key ctrl+z
frames 3
expect-item remark-0
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto remarks = recording::read_annotations(file).remarks;
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].text == "here it jumps");
  CHECK(remarks[0].member == -1);
  CHECK(std::abs(remarks[0].step - 2000) <= 10);

  commands::FigureArguments arguments;
  arguments.recording = file.string();
  arguments.figures = {"loss"};
  for (const bool shown : {true, false}) {
    arguments.no_remarks = !shown;
    arguments.out = (scratch / (shown ? "with.svg" : "without.svg")).string();
    CHECK(commands::figure_command(arguments) == 0);
    CHECK((read_file(arguments.out).find(">here it jumps</text>") != std::string::npos) == shown);
  }
}

TEST_CASE("a plateau's end is dragged, told everywhere, and given back") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto file = scratch / "run.plateau";
  write_synthetic_recording(file);
  const std::string script = R"(
wait-step 4000
resize 1600 1000
ctrl-click visible-0
frames 3
drag-by plot-loss/span-0/low 60 0
frames 5
)";
  auto outcome = run_window(scratch, server, {file.string()}, script + "quit\n");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto corrections = recording::read_annotations(file).plateaus;
  REQUIRE(corrections.size() == 1);
  CHECK(corrections[0].member == 0);
  CHECK(corrections[0].detected == 400);
  CHECK(corrections[0].begin > 450);
  CHECK(corrections[0].begin < 1500);
  CHECK(corrections[0].end == -1); // still the detector's

  commands::FigureArguments arguments;
  arguments.recording = file.string();
  arguments.figures = {"loss"};
  arguments.members = {"ViT"};
  arguments.out = (scratch / "loss.svg").string();
  CHECK(commands::figure_command(arguments) == 0);
  CHECK_THAT(read_file(scratch / "loss.svg"), ContainsSubstring("plateau (set by hand)"));

  outcome = run_window(scratch, server, {file.string()}, R"(
wait-step 4000
resize 1600 1000
frames 3
right-click plot-loss/span-0/high
click plot-menu-detected-ends
frames 5
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK(recording::read_annotations(file).plateaus.empty());
}

TEST_CASE("the scale of an axis is chosen in the menu and in the check boxes alike") {
  HeadlessWindow window(synthetic_snapshot(), false);
  window.frames(4);
  const auto& shared = window.plots();
  const auto right_click = [&](const std::string& item) {
    widgets::simulate::mouse_position(widgets::test_ids::find(item)->center());
    window.frames(2);
    widgets::simulate::mouse_button(1, true);
    window.frames(2);
    widgets::simulate::mouse_button(1, false);
    window.frames(3);
  };
  window.click("log-steps");
  CHECK(shared.scale == widgets::ScaleKind::Log);
  window.click("log-steps");
  CHECK(shared.scale == widgets::ScaleKind::Linear);
  right_click("plot-accuracy/area");
  window.click("plot-menu-x/symlog");
  CHECK(shared.scale == widgets::ScaleKind::SymLog);
  window.click("plot-menu-link");
  CHECK_FALSE(shared.linked);
  // Its own from now on.
  right_click("plot-loss/area");
  window.click("plot-menu-x/log");
  CHECK(shared.scale == widgets::ScaleKind::SymLog);
}

TEST_CASE("linked plots over steps are zoomed together, and fitted again") {
  HeadlessWindow window(synthetic_snapshot(), false);
  window.frames(4);
  const auto zoom = [&](const char* item) {
    widgets::simulate::mouse_position(widgets::test_ids::find(item)->center());
    window.frames(2);
    widgets::simulate::mouse_wheel(5);
    window.frames(3);
  };
  zoom("plot-loss/area");
  const auto range = window.plots().range;
  REQUIRE(range);
  CHECK(range->length() < 2500);
  zoom("plot-accuracy/area");
  CHECK(window.plots().range->length() < range->length());
  const auto now = window.plots().range;
  window.click("link-x");
  zoom("plot-loss/area");
  CHECK(window.plots().range == now);
}
