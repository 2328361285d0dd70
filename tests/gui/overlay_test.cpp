// Recordings beside a run.
#include "app/window/overlay_run.h"

#include <chrono>
#include <thread>

#include "app/window/member_looks.h"
#include "engine/errors.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using plateau::test::HeadlessWindow;

namespace {

struct Compared : HeadlessWindow {
  Compared() : HeadlessWindow(test::synthetic_snapshot(2000)) {
    size(1600, 1000);
    frames(3);
    test::write_synthetic_recording(folder / "other.plateau");
    recording::Annotations annotations;
    annotations.looks[0].name = "old";
    annotations.looks[0].color = "#102030";
    annotations.looks[1].removed = true;
    annotations.looks[2].hidden = true;
    recording::write_annotations(folder / "other.plateau", annotations);
    session().perform(AddRecording{folder / "other.plateau"});
    wait([&] { return session().snapshot().members.size() == 5; });
  }
  void wait(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      frames(1);
    }
    REQUIRE(condition());
    frames(3);
  }

  test::Scratch folder;
};

} // namespace

TEST_CASE("Overlay: members of a recording beside are listed and drawn as they were shown there") {
  Compared window;
  const auto& members = window.session().snapshot().members;
  CHECK(members[3].name == "other: old");
  CHECK(members[4].name == "other: CNN");
  CHECK(is_beside(members[3].id));
  CHECK(same_recording(members[3].id, members[4].id));
  CHECK_FALSE(same_recording(members[2].id, members[3].id));
  CHECK(widgets::test_ids::find("plot-loss/legend/other: old"));
  CHECK_FALSE(widgets::test_ids::find("plot-loss/legend/other: CNN")); // hidden there
  CHECK(window.session().annotations().looks.at(members[3].id).color == "#102030");
  CHECK(window.session().is_live());
}

TEST_CASE("Overlay: the run goes on, and arrays come from their own file") {
  Compared window;
  window.run().publish(test::synthetic_snapshot(2400));
  window.frames(2);
  CHECK(window.session().snapshot().step == 2400);
  CHECK(window.session().snapshot().members.size() == 5);
  window.session().perform(SelectMember{window.session().snapshot().members[3].id});
  window.session().perform(Scrub{1000});
  SharedPlots plots;
  std::map<std::string, std::string> readings;
  Actions actions;
  const auto shown = [&] {
    return window.session().view({window.context(), plots, readings, "", actions}).member->frame;
  };
  window.wait([&] { return shown() && shown()->step == 1000; });
  CHECK(shown()->tensors.at("attention/mean")->data ==
        test::synthetic_frame(0, 1000)->tensors.at("attention/mean")->data);
}

TEST_CASE("Overlay: a member beside cannot be trained, and says so") {
  Compared window;
  SharedPlots plots;
  std::map<std::string, std::string> readings;
  Actions actions;
  const auto said = [&] {
    const auto message = window.session().view({window.context(), plots, readings, "", actions}).message;
    window.session().say("");
    return message;
  };
  const std::string reason = "other: old comes from a recording beside this run";
  window.session().perform(SelectMember{window.session().snapshot().members[3].id});
  window.frames(2);
  window.session().perform(BranchHere{});
  CHECK_THAT(said(), ContainsSubstring(reason));
  window.session().perform(RestartWith{{}, "other: old"});
  CHECK_THAT(said(), ContainsSubstring(reason));
  study::Intervention change;
  change.member = "other: old";
  window.session().post(training::Intervene{change});
  CHECK_THAT(said(), ContainsSubstring(reason));
  CHECK(window.run().posted.empty());
}

TEST_CASE("Overlay: it is taken away again, and undo does not bring its hidden members out") {
  Compared window;
  window.click("visible-0");
  window.session().perform(Undo{});
  window.frames(3);
  CHECK_FALSE(widgets::test_ids::find("plot-loss/legend/other: CNN"));
  window.click("take-away-other");
  CHECK(window.session().snapshot().members.size() == 3);
  CHECK_FALSE(widgets::test_ids::find("plot-loss/legend/other: old"));
}

TEST_CASE("Overlay: the open dialog adds a recording to the comparison") {
  Compared window;
  const auto third = window.folder / "third.plateau";
  test::write_recording(third, *test::synthetic_grokking_snapshot(), test::synthetic_grokking_frame);
  window.workspace().perform(ShowOpenDialog{});
  window.frames(5);
  window.click("open-path");
  widgets::simulate::type(third.string());
  window.frames(3);
  window.click("add-file");
  CHECK_FALSE(window.was_asked<OpenFile>());
  window.wait([&] { return window.session().snapshot().members.size() == 9; });
  CHECK(window.session().snapshot().members[5].name.starts_with("third: "));
}

TEST_CASE("Overlay: what is no recording, and what is shown already, is refused in one line") {
  Compared window;
  CHECK_THROWS_AS(window.session().add_beside(window.folder / "other.plateau"), InputError);
  CHECK_THROWS_AS(window.session().add_beside(window.folder / "none.plateau"), InputError);
  window.frames(2);
  CHECK(window.session().snapshot().members.size() == 5);
}
