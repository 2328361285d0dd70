// All panels together, without a display: ImGui builds the frames and hands are simulated.
#include "app/window/elements.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using plateau::test::HeadlessWindow;

namespace {

std::shared_ptr<training::Snapshot> preparing() {
  auto snapshot = std::make_shared<training::Snapshot>();
  snapshot->study = test::synthetic_snapshot(0)->study;
  return snapshot;
}

std::shared_ptr<training::Snapshot> failed() {
  auto snapshot = preparing();
  snapshot->state = training::State::Failed;
  snapshot->error = "no data: install dataset-fashion-mnist";
  return snapshot;
}

std::shared_ptr<training::Snapshot> failed_in_mid_run() {
  auto snapshot = test::synthetic_snapshot(2000);
  snapshot->state = training::State::Failed;
  snapshot->error = "the disk is full";
  return snapshot;
}

std::shared_ptr<training::Snapshot> without_probes() {
  auto snapshot = test::synthetic_snapshot(2000);
  for (auto& member : snapshot->members) {
    member.frame.reset();
    member.histograms = {};
    std::erase_if(member.series, [](const auto& entry) { return !entry.first.starts_with("loss/"); });
  }
  snapshot->events.clear();
  snapshot->checkpoints.clear();
  snapshot->task.reset();
  return snapshot;
}

} // namespace

TEST_CASE("every state is drawn in every tab and size") {
  const auto snapshot =
      GENERATE(preparing(), failed(), failed_in_mid_run(), without_probes(), test::synthetic_snapshot(0),
               test::synthetic_snapshot(10), test::synthetic_snapshot());
  HeadlessWindow window(snapshot);
  for (const auto& [width, height] : {std::pair{1280, 800}, {320, 240}, {3840, 2160}}) {
    window.size(static_cast<float>(width), static_cast<float>(height));
    for (int tab = 0; tab < 9; ++tab) {
      window.workspace().perform(ShowTab{tab});
      for (const auto& member : snapshot->members) {
        window.session().perform(SelectMember{member.id});
        window.frames(2);
      }
      window.frames(2);
      CHECK(ImGui::GetDrawData()->TotalVtxCount > 500);
    }
  }
  CHECK(window.readings.contains("state"));
}

TEST_CASE("the Attention lab answers to hands, also while nothing is trained") {
  HeadlessWindow window(preparing());
  window.size(1600, 1200);
  window.frames(3);
  window.click("tab-lab");
  const auto before = window.readings.at("lab-output");
  const auto bars = *widgets::test_ids::find("lab-scores/area");
  // The bar of the second of twelve keys to the top: attention goes there.
  widgets::simulate::mouse_position({bars.x + bars.width * 1.5f / 12, bars.y + 3});
  window.frames(2);
  widgets::simulate::mouse_button(0, true);
  window.frames(2);
  widgets::simulate::mouse_button(0, false);
  window.frames(2);
  const auto after = window.readings.at("lab-output");
  CHECK(after != before);
  CHECK(window.readings.at("lab-laser") != "none");
  window.click("lab-variant");
  window.click("lab-variant/Linear (no softmax)");
  CHECK(window.readings.at("lab-laser") == "none");
  window.click("lab-anew");
  CHECK(window.readings.at("lab-output") != after);
  window.click("lab-mode/Two tokens");
  CHECK(window.readings.at("lab-race") == "1\u202f926 steps / 223 steps");
  window.click("lab-target/lower value");
  CHECK(window.readings.at("lab-race") == "1\u202f926 steps / 7\u202f690 steps"); // from the other side
}

TEST_CASE("a member is hidden, shown and selected in the table") {
  HeadlessWindow window(test::synthetic_snapshot(2000));
  window.size(1280, 800);
  window.frames(3);
  CHECK(widgets::test_ids::find("plot-loss/legend/CNN"));
  window.click("visible-2");
  CHECK_FALSE(widgets::test_ids::find("plot-loss/legend/CNN"));
  window.click("visible-2");
  CHECK(widgets::test_ids::find("plot-loss/legend/CNN"));
  CHECK(widgets::test_ids::find("attention-grid"));
  window.click("member-2"); // a CNN has no maps
  CHECK_FALSE(widgets::test_ids::find("attention-grid"));
}

TEST_CASE("a click in a plot and on an event move the playhead") {
  HeadlessWindow window(test::synthetic_snapshot(3000));
  window.size(1280, 800);
  window.frames(3);
  window.click("plot-loss/area");
  CHECK(window.session().step() == Approx(1500).margin(30));
  window.click("event-3");
  CHECK(window.session().step() == test::synthetic_jump);
  CHECK(window.readings.at("following") == "no");
  window.click("live");
  CHECK(window.session().step() == 3000);
}

TEST_CASE("a proposal of another attention becomes one intervention, and is gone when it is in force") {
  HeadlessWindow window(test::synthetic_snapshot(2000));
  window.size(1280, 900);
  window.frames(3);
  Actions actions;
  std::map<std::string, std::string> readings;
  SharedPlots plots;
  widgets::Context context;
  const auto proposal = [&] {
    return window.workspace().attention_switch(
        window.session().view({context, plots, readings, "", actions}), true);
  };
  CHECK_FALSE(proposal());
  window.click("attention-variant");
  window.click("attention-variant/norm-softmax");
  const auto change = proposal();
  REQUIRE(change);
  CHECK(change->member == "ViT");
  CHECK(change->keep_twin);
  CHECK(change->changes ==
        std::vector<study::Assignment>{{"attention.variant", std::string("norm-softmax")}});
  window.click("switch-now");
  CHECK(window.was_asked<SwitchAttention>());

  auto switched = test::synthetic_snapshot(2010);
  switched->members[0].settings.attention.variant = "norm-softmax";
  window.run().publish(switched);
  window.frames(2);
  CHECK_FALSE(proposal());
}

TEST_CASE("a live setting is sent when the slider is let go, once") {
  HeadlessWindow window(test::synthetic_snapshot(2000));
  window.size(1280, 1600);
  window.frames(3);
  const auto slider = widgets::test_ids::find("optimizer-learning-rate");
  REQUIRE(slider);
  widgets::simulate::mouse_position(slider->center());
  window.frames(2);
  widgets::simulate::mouse_button(0, true);
  window.frames(2);
  for (int i = 1; i <= 5; ++i) {
    widgets::simulate::mouse_position({slider->center().x + static_cast<float>(5 * i), slider->center().y});
    window.frames(1);
  }
  CHECK(window.run().posted.empty());
  widgets::simulate::mouse_button(0, false);
  window.frames(3);
  REQUIRE(window.run().posted.size() == 1);
  const auto& change = std::get<training::Intervene>(window.run().posted[0]).what;
  CHECK(change.kind == study::Intervention::Kind::Set);
  CHECK(change.member.empty()); // all members
  REQUIRE(change.changes.size() == 1);
  CHECK(change.changes[0].field == "optimizer.learning_rate");
  CHECK(std::get<double>(change.changes[0].value) != 1e-3);
}

TEST_CASE("a recording offers nothing that would change it") {
  HeadlessWindow window(test::synthetic_snapshot(), false);
  window.size(1280, 900);
  window.frames(3);
  CHECK(window.readings.at("state") == "replay, paused");
  CHECK_FALSE(widgets::test_ids::find("restart"));
  window.click("branch");
  window.click("switch-now");
  CHECK_FALSE(window.was_asked<BranchHere>());
  CHECK_FALSE(window.was_asked<SwitchAttention>());
  CHECK(window.run().posted.empty());
}
