// The open dialog without a mouse.
#include "app/window/open_dialog.h"

#include <fstream>

#include "app/window/file_list.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using plateau::test::HeadlessWindow;
using widgets::Key;

namespace {

struct Dialog : HeadlessWindow {
  Dialog() : HeadlessWindow(test::synthetic_snapshot(2000)) {
    size(1280, 800);
    for (const char* name : {"alpha", "beta", "gamma"}) {
      test::write_synthetic_recording(folder / (std::string(name) + ".plateau"));
      preferences.recent.push_back((folder / (std::string(name) + ".plateau")).string());
    }
    preferences.recent.insert(preferences.recent.begin() + 1, (folder / "gone.plateau").string());
    std::filesystem::create_directories(folder / "runs/deep");
    std::ofstream(folder / "runs/own.toml") << "name = \"own\"\n";
    std::ofstream(folder / "runs/notes.txt") << "x";
    workspace().perform(ShowOpenDialog{});
    frames(5);
    REQUIRE(workspace().dialog_is_open());
  }
  void press(Key key, bool shift = false, bool alt = false) {
    widgets::simulate::modifiers(false, shift, alt);
    widgets::simulate::key(key, true);
    frames(1);
    widgets::simulate::key(key, false);
    widgets::simulate::modifiers(false, false);
    frames(3);
  }
  void type(const std::string& text) {
    widgets::simulate::type(text);
    frames(3);
  }
  std::string chosen() { return std::filesystem::path(readings.at("open-selected")).filename().string(); }
  const std::filesystem::path* opened() {
    for (const Action& action : asked)
      if (const auto* file = std::get_if<OpenFile>(&action)) return &file->path;
    return nullptr;
  }

  test::Scratch folder;
};

} // namespace

TEST_CASE("Open dialog: arrows choose among recent files, and Enter opens") {
  Dialog dialog;
  CHECK(dialog.chosen() == "alpha.plateau");
  dialog.press(Key::Up);
  CHECK(dialog.chosen() == "alpha.plateau");
  dialog.press(Key::Down);
  dialog.press(Key::Down);
  CHECK(dialog.chosen() == "beta.plateau");
  dialog.press(Key::Enter);
  REQUIRE(dialog.opened());
  CHECK(*dialog.opened() == dialog.folder / "beta.plateau");
  CHECK_FALSE(dialog.workspace().dialog_is_open());
}

TEST_CASE("Open dialog: typing finds, by name or study, and Escape closes") {
  Dialog dialog;
  dialog.type("GAM");
  CHECK(dialog.chosen() == "gamma.plateau");
  dialog.press(Key::Backspace);
  dialog.press(Key::Backspace);
  dialog.press(Key::Backspace);
  CHECK(dialog.chosen() == "alpha.plateau");
  dialog.type("grokking"); // a shipped study
  CHECK(dialog.chosen().ends_with(".toml"));
  dialog.press(Key::Escape);
  CHECK_FALSE(dialog.workspace().dialog_is_open());
  CHECK_FALSE(dialog.opened());
}

TEST_CASE("Open dialog: a missing file is not opened, and Delete takes it off the list") {
  Dialog dialog;
  dialog.press(Key::Down);
  CHECK(dialog.chosen() == "gone.plateau");
  dialog.press(Key::Enter);
  CHECK_FALSE(dialog.opened());
  CHECK_THAT(dialog.readings.at("open-problem"), ContainsSubstring("no longer there"));
  dialog.press(Key::Delete);
  CHECK(dialog.preferences.recent.size() == 3);
  CHECK(dialog.chosen() == "beta.plateau");
  CHECK(dialog.readings.at("open-problem").empty());
  dialog.click("forget-recent-1"); // with the mouse
  CHECK(dialog.preferences.recent.size() == 2);
}

TEST_CASE(
    "Open dialog: paths list their folder, Tab completes, Backspace and Alt + Up go to the folder above") {
  Dialog dialog;
  dialog.type(dialog.folder.path.string() + "/ru");
  CHECK(dialog.chosen() == "runs");
  dialog.press(Key::Tab);
  CHECK(std::filesystem::path(dialog.readings.at("open-folder")) == (dialog.folder / "runs/"));
  CHECK(dialog.chosen() == "deep");
  dialog.type("o");
  CHECK(dialog.chosen() == "own.toml");
  dialog.press(Key::Up, false, true);
  CHECK(dialog.readings.at("open-folder") == dialog.folder.path.string());
  dialog.type("runs");
  dialog.press(Key::Enter); // into the folder
  CHECK(dialog.readings.at("open-folder") == (dialog.folder / "runs").string());
  CHECK(dialog.chosen() == "deep");
  dialog.press(Key::Backspace);
  CHECK(dialog.readings.at("open-folder") == dialog.folder.path.string());
  dialog.type("runs/own.toml"); // relative to what is shown
  dialog.press(Key::Enter);
  REQUIRE(dialog.opened());
  CHECK(*dialog.opened() == dialog.folder / "runs/own.toml");
}

TEST_CASE("Open dialog: what is not there is said, and the dialog stays") {
  Dialog dialog;
  dialog.type("/no/such.plateau");
  dialog.press(Key::Enter);
  CHECK(dialog.readings.at("open-problem") == "There is no recording, study or folder /no/such.plateau.");
  CHECK(dialog.workspace().dialog_is_open());
}

TEST_CASE("Open dialog: Tab reaches every button, Enter and Space press it") {
  Dialog dialog;
  dialog.press(Key::Tab); // Open
  dialog.press(Key::Tab); // Add to comparison
  dialog.press(Key::Tab); // Up
  dialog.type(" ");
  CHECK_FALSE(dialog.readings.at("open-folder").empty());
  dialog.press(Key::Tab, true); // back from the field: Recent
  dialog.press(Key::Enter);
  CHECK(dialog.readings.at("open-folder").empty());
  CHECK(dialog.chosen() == "alpha.plateau");
  dialog.press(Key::Tab);
  dialog.press(Key::Tab);
  dialog.press(Key::Enter);
  REQUIRE(dialog.was_asked<AddRecording>());
  CHECK_FALSE(dialog.opened());
}

TEST_CASE("a path is completed by folders and by what can be opened") {
  const test::Scratch scratch;
  std::filesystem::create_directory(scratch / "runs");
  for (const char* name : {"run-1.plateau", "run-10.plateau", "results.pdf", "other.plateau"})
    std::ofstream(scratch / name) << "x";
  const std::string base = scratch.path.string() + "/";
  CHECK(completed(base + "r", "/") == base + "run");
  CHECK(completed(base + "runs", "/") == base + "runs/");
  CHECK(completed(base + "run-", "/") == base + "run-1");
  CHECK(completed("oth", scratch.path) == "other.plateau");
  CHECK(completed(base + "nothing", "/") == base + "nothing");
  CHECK(completed("/no/such/folder/x", "/") == "/no/such/folder/x");
}
