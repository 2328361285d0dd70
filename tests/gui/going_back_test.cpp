// Going from event to event, branching with changes and what is said where it cannot be done.
#include "app/size_on_disk.h"
#include "app/window/going_back.h"

#include "app/window/overlay_run.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using study::Intervention;
using test::HeadlessWindow;
using test::synthetic_snapshot;

namespace {

const Intervention& last_intervention(HeadlessWindow& window) {
  REQUIRE_FALSE(window.run().posted.empty());
  return std::get<training::Intervene>(window.run().posted.back()).what;
}

/// Opens a combo and clicks one of its entries.
void select(HeadlessWindow& window, const std::string& item, const std::string& entry) {
  window.click(item);
  window.click(item + "/" + entry);
}

} // namespace

TEST_CASE(
    "the playhead goes from event to event, of the members that are drawn, and says where none is left") {
  HeadlessWindow window(synthetic_snapshot());
  window.size(1600, 900);
  window.frames(3);
  std::vector<std::int64_t> visited;
  for (int i = 0; i < 5; ++i) {
    window.click("event-before");
    visited.push_back(window.session().step());
  }
  CHECK(visited == std::vector<std::int64_t>{3400, 2500, 2350, 1500, 400});
  window.click("event-before");
  CHECK(window.session().step() == 400);
  const auto message = [&] {
    SharedPlots plots;
    return window.session().view({window.context(), plots, window.readings, "", window.asked}).message;
  };
  CHECK(message() == "no event before step 400");
  window.click("event-after");
  CHECK(window.session().step() == 1500);
  CHECK(message().empty());

  // Of another member: its own plateaus, and what happened to all.
  const auto snapshot = synthetic_snapshot();
  CHECK(event_steps(*snapshot, {}, {}, 2) == std::vector<std::int64_t>{1500, 2500, 3400});
  const std::vector<recording::Remark> remarks = {{700, -1, "here"}, {800, 1, "of the hidden one"}};
  CHECK(event_steps(*snapshot, remarks, {1}, 0) == std::vector<std::int64_t>{400, 700, 1500, 2350, 2500});
}

TEST_CASE("a branch is made with changes, a name and a checkpoint of one's choice") {
  HeadlessWindow window(synthetic_snapshot(2000));
  window.size(1600, 900);
  window.frames(3);
  window.session().perform(Scrub{1730});
  window.frames(2);
  window.click("branch-with");
  REQUIRE(window.workspace().dialog_is_open());
  CHECK(window.readings.at("branch-step") == "1500"); // the last at or before the playhead
  select(window, "branch-step", "checkpoint of step " + widgets::format_step(1000));
  CHECK(window.readings.at("branch-step") == "1000");

  window.click("branch-add");
  select(window, "branch-field-0", "attention");
  select(window, "attention-variant", "norm-softmax");
  window.click("branch-add");
  window.click("branch-add");
  window.click("branch-remove-2");
  select(window, "branch-field-1", "optimizer · gradient rescaling");
  select(window, "optimizer-gradient-rescaling", "mean");
  CHECK(window.readings.at("branch-problem").empty());
  window.click("branch-name");
  ImGui::GetIO().AddInputCharactersUTF8("with norm");
  window.frames(2);
  window.click("branch-start");

  CHECK_FALSE(window.workspace().dialog_is_open());
  const auto& branch = last_intervention(window);
  CHECK(branch.kind == Intervention::Kind::Branch);
  CHECK(branch.member == "ViT");
  CHECK(branch.from_step == 1000);
  CHECK(branch.new_name == "with norm");
  CHECK(branch.changes ==
        std::vector<study::Assignment>{{"attention.variant", std::string("norm-softmax")},
                                       {"optimizer.gradient_rescaling", std::string("mean")}});
}

TEST_CASE("a branch that breaks a rule between settings is refused before it is asked for") {
  HeadlessWindow window(synthetic_snapshot(2000));
  window.size(1600, 900);
  window.frames(3);
  window.workspace().perform(ShowBranchDialog{500});
  window.frames(3);
  window.click("branch-add");
  select(window, "branch-field-0", "attention");
  select(window, "attention-variant", "linear");
  window.click("branch-add");
  select(window, "branch-field-1", "attention · LASER");
  select(window, "attention-laser", "exact");
  CHECK_THAT(window.readings.at("branch-problem"), ContainsSubstring("attention.laser"));
  window.click("branch-start");
  CHECK(window.run().posted.empty());
  CHECK(window.workspace().dialog_is_open());
  window.click("branch-cancel");
  CHECK_FALSE(window.workspace().dialog_is_open());
}

TEST_CASE("a right click on the time line goes back to the checkpoint before that place") {
  HeadlessWindow window(synthetic_snapshot(2000));
  window.size(1600, 900);
  window.frames(3);
  const auto right_click = [&] {
    const auto line = widgets::test_ids::find("timeline");
    REQUIRE(line);
    widgets::simulate::mouse_position({line->x + line->width * 0.3f, line->y + line->height * 0.7f});
    window.frames(2);
    widgets::simulate::mouse_button(1, true);
    window.frames(2);
    widgets::simulate::mouse_button(1, false);
    window.frames(3);
  };
  right_click();
  window.click("timeline-rewind");
  CHECK(last_intervention(window).kind == Intervention::Kind::Rewind);
  CHECK(last_intervention(window).from_step % 500 == 0);
  const auto from = last_intervention(window).from_step;
  CHECK(from > 0);
  right_click();
  window.click("timeline-branch");
  CHECK(last_intervention(window).kind == Intervention::Kind::Branch);
  CHECK(last_intervention(window).from_step == from);
  right_click();
  window.click("timeline-branch-with");
  CHECK(window.readings.at("branch-step") == std::to_string(from));
  window.click("branch-cancel");
  right_click();
  window.click("timeline-show");
  CHECK(window.session().step() > from);
  CHECK(window.session().step() < from + 500);
}

TEST_CASE("what cannot branch says why in one line") {
  auto snapshot = synthetic_snapshot(2000);
  const auto* twin = &snapshot->members[1];
  CHECK(branch_obstacle(*snapshot, true, twin, 1700).empty());
  CHECK(branch_obstacle(*snapshot, true, twin, 1200) ==
        "no checkpoint of " + twin->name + " is kept at or before step " + widgets::format_step(1200) +
            ": it came into being at step " + widgets::format_step(1500));
  CHECK_THAT(branch_obstacle(*snapshot, false, twin, 1700), ContainsSubstring("Continue training"));
  CHECK_FALSE(branch_obstacle(*snapshot, true, nullptr, 0).empty());
  snapshot->members[2].checkpoints = {1000};
  CHECK_THAT(branch_obstacle(*snapshot, true, &snapshot->members[2], 900),
             ContainsSubstring("step " + widgets::format_step(1000)));
  snapshot->members[2].checkpoints.clear();
  CHECK_THAT(branch_obstacle(*snapshot, true, &snapshot->members[2], 900), ContainsSubstring("is kept yet"));
  auto beside = snapshot->members[0];
  for (beside.id = 0; !is_beside(beside.id);) beside.id = beside.id * 2 + 1;
  CHECK_THAT(branch_obstacle(*snapshot, true, &beside, 1700), ContainsSubstring("only be compared"));
  snapshot->checkpoints = {1000};
  CHECK(rewind_obstacle(*snapshot, true, 1000).empty());
  CHECK_FALSE(rewind_obstacle(*snapshot, true, 999).empty());
}

TEST_CASE("a recording says so instead of opening the branch dialog") {
  HeadlessWindow window(synthetic_snapshot(), false);
  window.frames(3);
  window.workspace().perform(ShowBranchDialog{});
  window.frames(3);
  CHECK_FALSE(window.workspace().dialog_is_open());
  REQUIRE(window.was_asked<Say>());
}

TEST_CASE("what checkpoints take is told in numbers that people read") {
  CHECK(app::kept_text({}).empty());
  CHECK(app::kept_text({1, 1, 4'400}) == "1 checkpoint, 4 kB");
  CHECK(app::kept_text({12, 36, 34'200'000}) == "12 checkpoints, 34 MB");
  CHECK(app::kept_text({12, 36, 3'420'000}) == "12 checkpoints, 3.4 MB");
  CHECK(app::kept_text({12, 36, 1'340'000'000}) == "12 checkpoints, 1.3 GB");
  auto snapshot = synthetic_snapshot(2000);
  CHECK_THAT(policy_text(*snapshot), ContainsSubstring("every 500 steps, the newest 20"));
  CHECK_THAT(policy_text(*snapshot), ContainsSubstring("at events"));
  snapshot->members[0].settings.training.checkpoint_at_events = false;
  CHECK_THAT(policy_text(*snapshot), !ContainsSubstring("at events"));

  snapshot->kept = {12, 36, 34'200'000};
  HeadlessWindow window(snapshot);
  window.size(1600, 900);
  window.frames(3);
  CHECK(window.readings.at("checkpoints") == "12 checkpoints, 34 MB");
}
