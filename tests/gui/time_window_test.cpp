// The real window: going back, branching with changes, training further, playing back; by clicks and keys.
#include <fmt/format.h>

#include "engine/recording/reader.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"
#include "tests/gui/window_process.h"

using namespace plateau;
using namespace plateau::test;
using Kind = study::Intervention::Kind;

TEST_CASE("a branch with changes goes on from a chosen checkpoint under its own name") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto outcome = run_window(scratch, server, {write_window_study(scratch, 400)}, R"(
resize 1400 900
wait-step 200
key space
wait-state paused
drag timeline 0.4
wait-text following no
key shift+b
wait-item branch-start
expect-text branch-step 1
select branch-step "checkpoint of step 80"
expect-text branch-step 80
type branch-name "norm softmax"
click branch-add
select branch-field-0 "attention"
select attention-variant norm-softmax
frames 3
click branch-start
wait-members 3
frames 5
expect-text member "norm softmax"
right-click timeline
wait-item timeline-rewind
click timeline-rewind
wait-members 5
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto run = recording::Reader(window_recordings(scratch).at(0)).snapshot();
  REQUIRE(run->interventions.size() == 2);
  const auto& branch = run->interventions[0];
  CHECK(branch.kind == Kind::Branch);
  CHECK(branch.from_step == 80);
  CHECK(branch.changes == std::vector<study::Assignment>{{"attention.variant", std::string("norm-softmax")}});
  REQUIRE(run->members.size() >= 5);
  CHECK(run->members[2].name == "norm softmax");
  CHECK(run->members[2].forked_at == 80);
  CHECK(run->members[2].settings.attention.variant == "norm-softmax");
  CHECK(run->members[0].settings.attention.variant == "softmax");
  CHECK(run->interventions[1].kind == Kind::Rewind);
}

TEST_CASE("what is done is played back at a chosen speed, a recording as a run that is over") {
  if (!x_server_available()) return;
  const Scratch scratch;
  const XServer server;
  const auto file = scratch / "run.plateau";
  write_synthetic_recording(file);
  const auto replay = run_window(scratch, server, {file.string()}, R"(
wait-step 4000
key home
expect-text following no
select replay-speed 8x
key space
wait-text following yes
key shift+left
frames 3
expect-text step 3400
key shift+left
frames 3
expect-text step 2500
click event-after
frames 3
expect-text step 3400
quit
)");
  INFO(replay.err);
  CHECK(replay.exit_code == 0);
  const auto live = run_window(scratch, server, {write_window_study(scratch, 40)}, R"(
wait-state finished
key home
frames 3
expect-text step 0
select replay-speed 8x
click pause
wait-text following yes
expect-state finished
quit
)");
  INFO(live.err);
  CHECK(live.exit_code == 0);
}
