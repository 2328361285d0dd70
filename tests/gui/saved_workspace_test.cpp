// What was open, as a file, and what of it is offered.
#include "app/window/saved_workspace.h"

#include <fstream>

#include "app/window/folders.h"
#include "app/window/offer.h"
#include "app/window/session.h"
#include "engine/recording/lock.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"
#include "tests/gui/headless_window.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;
using namespace plateau::window;
using test::Scratch;

TEST_CASE("a workspace comes back as it was written") {
  const Scratch scratch;
  SavedWorkspace w;
  w.recording = "/somewhere/run.plateau";
  w.beside = {"/somewhere/other.plateau", "/elsewhere/third.plateau"};
  w.member = "ViT · seed 1";
  w.looked_at = 1200;
  w.tab = "Saturation";
  w.curves = {.shown = "loss",
              .average = 1,
              .step_scale = "log",
              .loss_scale = "symlog",
              .events = false,
              .seed_bands = true,
              .band_edges = 1};
  const auto file = scratch / "deep/workspace.json";
  write_workspace(w, file);
  CHECK(read_workspace(file) == w);
  w.looked_at.reset();
  write_workspace(w, file);
  CHECK(read_workspace(file) == w);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "deep"))
    files += entry.is_regular_file();
  CHECK(files == 1);
}

TEST_CASE("a damaged workspace is none, and what is wrong in one has its default") {
  const Scratch scratch;
  const auto file = scratch / "workspace.json";
  const auto read = [&](const std::string& text) {
    std::ofstream(file) << text;
    return read_workspace(file);
  };
  CHECK_FALSE(read_workspace(file));
  CHECK_FALSE(read("{\"recording\": \"/a.pl"));
  CHECK_FALSE(read("[1]"));
  CHECK_FALSE(read(R"({"recording": 3})"));
  CHECK_FALSE(read(R"({"recording": "run.plateau"})")); // relative to what?
  const auto w = read(
      R"({"recording": "/a.plateau", "beside": [1, "/b.plateau"], "looked_at": "x", "curves": {"loss_scale": 1}})");
  REQUIRE(w);
  CHECK(w->beside == std::vector<std::filesystem::path>{"/b.plateau"});
  CHECK_FALSE(w->looked_at);
  CHECK(w->curves == CurvesLook{});
}

TEST_CASE("offered is what was open last and what was not closed, not what is being written or is gone") {
  const Scratch scratch;
  const auto folder = scratch / "recordings", file = scratch / "workspace.json";
  std::filesystem::create_directory(folder);
  const auto run = std::filesystem::path(folder) / "run.plateau";
  const auto offers = [&](bool last = true) { return find_offers(file, folder, last); };
  CHECK(offers().empty());
  write_workspace({.recording = run, .beside = {"/b.plateau"}, .tab = "Lab"}, file);
  CHECK(offers().empty()); // gone
  test::write_synthetic_recording(run);
  REQUIRE(offers().size() == 1);
  CHECK(offers()[0].kind == Offer::Kind::Last);
  CHECK(offers()[0].text.starts_with("Last time: run.plateau, "));
  CHECK(offers()[0].text.ends_with(", with 1 beside."));
  CHECK(offers()[0].workspace.tab == "Lab");
  CHECK(offers(false).empty());
  {
    const recording::WriterLock another_window(run);
    CHECK(offers().empty());
  }
  std::ofstream(run.string() + "-lock") << "";
  test::write_synthetic_recording(std::filesystem::path(folder) / "older.plateau");
  std::ofstream(folder / "older.plateau-lock") << "";
  for (const bool last : {true, false}) {
    const auto unclosed = offers(last);
    REQUIRE(unclosed.size() == 2);
    CHECK(unclosed[0].kind == Offer::Kind::Unclosed);
    CHECK(unclosed[0].workspace.tab == "Lab"); // the one that was open, first
    CHECK_THAT(unclosed[0].text, ContainsSubstring("ended without closing run.plateau"));
    CHECK_THAT(unclosed[0].text, ContainsSubstring("One more"));
    CHECK(unclosed[1].workspace.recording.filename() == "older.plateau");
  }
}

TEST_CASE("of recordings beside, one that is missing keeps none of the others away") {
  const Scratch scratch;
  for (const char* name : {"run", "first", "second"})
    test::write_synthetic_recording(scratch / (std::string(name) + ".plateau"));
  Session session({.device = "cpu", .threads = 1, .recordings = scratch / "recordings", .wake = [] {}});
  session.perform(OpenFiles{{scratch / "run.plateau", scratch / "first.plateau", scratch / "gone.plateau",
                             scratch / "second.plateau"}});
  session.update(0);
  CHECK(session.recording() == (scratch / "run.plateau").string());
  CHECK(session.beside() ==
        std::vector<std::filesystem::path>{scratch / "first.plateau", scratch / "second.plateau"});
  widgets::Context widgets;
  SharedPlots plots;
  std::map<std::string, std::string> readings;
  Actions actions;
  CHECK(session.view({widgets, plots, readings, "", actions}).message ==
        "not beside this run: there is no recording '" + (scratch / "gone.plateau").string() + "'");

  std::ofstream(scratch / "notes.txt") << "hello";
  session.perform(OpenFiles{{scratch / "notes.txt", scratch / "run.plateau"}});
  CHECK(session.view({widgets, plots, readings, "", actions}).message ==
        "'" + (scratch / "notes.txt").string() + "' is neither a recording (.plateau) nor a study (.toml)");
  CHECK(session.beside().size() == 2); // what was open stays
}

TEST_CASE("typed paths begin where one looks, or at home, and free names are numbered") {
  const Scratch scratch;
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  CHECK(expanded("", "/data") == "");
  CHECK(expanded("a/b.plateau", "/data") == "/data/a/b.plateau");
  CHECK(expanded("../x", "/data/runs") == "/data/x");
  CHECK(expanded("/x//y/./z", "/data") == "/x/y/z");
  CHECK(expanded("~x", "/data") == "/data/~x");
  if (!home.empty()) {
    CHECK(expanded("~", "/data") == home);
    CHECK(expanded("~/a", "/data") == std::filesystem::path(home) / "a");
  }
  CHECK(free_path(scratch.path, "run", ".csv") == scratch / "run.csv");
  std::ofstream(scratch / "run.csv") << "";
  std::ofstream(scratch / "run-2.csv") << "";
  CHECK(free_path(scratch.path, "run", ".csv") == scratch / "run-3.csv");
  CHECK(free_path(scratch.path, "run", ".pdf") == scratch / "run.pdf");
}
