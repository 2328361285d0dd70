// The export dialog by hands: what is chosen, what the preview shows, what is written.
#include <fstream>

#include "app/figures/compose.h"
#include "tests/gui/headless_window.h"
#include "tests/gui/window_process.h"

using namespace plateau;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using namespace plateau::window;
using plateau::test::HeadlessWindow;
using widgets::test_ids::find;
namespace fs = std::filesystem;

namespace {

struct Dialog : HeadlessWindow {
  explicit Dialog(std::shared_ptr<const training::Snapshot> snapshot = test::synthetic_snapshot())
      : HeadlessWindow(std::move(snapshot)) {
    size(1600, 1000);
    frames(3);
  }
  void open(figures::PanelSpec panel = {}) {
    workspace().perform(ShowExport{std::move(panel)});
    frames(4);
    REQUIRE(find("export-save"));
  }
  void key(widgets::Key which) {
    widgets::simulate::key(which, true);
    frames(2);
    widgets::simulate::key(which, false);
    frames(3);
  }
  std::string file() { return readings.at("export-file"); }
  std::string status() { return readings.at("export-status"); }
  std::string written() { return test::read_file(file()); }
};

std::string picture(const std::string& svg) {
  return svg.substr(svg.find("</desc>"));
}

std::shared_ptr<training::Snapshot> preparing() {
  auto snapshot = std::make_shared<training::Snapshot>();
  snapshot->study = test::synthetic_snapshot(0)->study;
  return snapshot;
}

int files_in(const fs::path& folder) {
  std::error_code none;
  return int(std::distance(fs::directory_iterator(folder, none), fs::directory_iterator()));
}

} // namespace

TEST_CASE("the dialog opens on the open tab's figure, or on the curves as they are shown") {
  Dialog window;
  window.click("tab-components");
  window.click("export-tab");
  CHECK(window.readings.at("export-figure") == "components");
  CHECK(window.file() == (window.pictures() / "synthetic-components.pdf").string());
  window.click("export-close");
  CHECK_FALSE(find("export-save"));
  window.click("curves/Accuracy");
  window.click("export-curves");
  CHECK(window.readings.at("export-figure") == "accuracy");
  window.key(widgets::Key::Escape);
  CHECK_FALSE(window.workspace().dialog_is_open());
  CHECK(files_in(window.pictures()) == 0);
}

TEST_CASE("what is chosen is what is written") {
  Dialog window;
  figures::PanelSpec loss;
  loss.figure = "loss";
  window.open(loss);
  window.click("export-type/SVG");
  CHECK(window.file() == (window.pictures() / "synthetic-loss.svg").string());
  window.click("export-size/1 column");
  window.click("export-save");
  CHECK_THAT(window.status(), StartsWith("Saved ") && EndsWith("synthetic-loss.svg"));
  auto svg = window.written();
  CHECK(svg.find("width=\"252.28pt\" height=\"144.16pt\"") !=
        std::string::npos); // 89 mm, in the figure's own shape
  CHECK(svg.find(">CNN</text>") != std::string::npos);
  CHECK(svg.find("; study ") != std::string::npos); // where it came from

  // Asked first, replaced then.
  window.click("export-member-2");
  window.click("export-legend");
  window.click("export-theme/Dark");
  window.click("export-save");
  CHECK_THAT(window.status(), ContainsSubstring("exists already"));
  CHECK(window.written() == svg);
  window.click("export-save");
  CHECK_THAT(window.status(), StartsWith("Saved "));
  const auto dark = window.written();
  CHECK(dark.find(">CNN</text>") == std::string::npos);
  CHECK(dark.find("<rect x=\"0\" y=\"0\" width=\"252.28\" height=\"144.16\" fill=\"#ffffff\"") ==
        std::string::npos);
  CHECK(files_in(window.pictures()) == 1);

  window.click("export-size/Slide 16:9");
  const auto sheet = *find("export-sheet");
  CHECK(sheet.width / sheet.height == Approx(254 / 142.875).epsilon(0.01));
}

TEST_CASE("a page of several panels is made by clicks, each with a step of its own") {
  Dialog window;
  figures::PanelSpec loss;
  loss.figure = "loss";
  window.open(loss);
  window.click("export-type/SVG");
  window.click("export-add-below");
  window.click("export-figure");
  window.click("export-figure/Attention maps");
  window.click("export-step");
  window.click("export-add-beside");
  window.click("export-step");
  CHECK(find("export-panel-c"));
  CHECK_THAT(window.file(), EndsWith("synthetic-figure.svg"));
  window.click("export-save");
  CHECK_THAT(window.status(), StartsWith("Saved "));
  const auto svg = window.written();
  for (const char* letter : {">a</text>", ">b</text>", ">c</text>"})
    CHECK(svg.find(letter) != std::string::npos);
  window.click("export-recipe");
  const auto recipe = test::read_file(fs::path(window.file()).replace_extension(".toml"));
  const auto page = figures::parse_recipe(recipe, "saved");
  REQUIRE(page.rows.size() == 2);
  REQUIRE(page.rows[1].panels.size() == 2);
  CHECK(page.rows[0].panels[0].figure == "loss");
  CHECK(page.rows[1].panels[0].figure == "attention");
  CHECK(std::holds_alternative<std::int64_t>(page.rows[1].panels[0].step));
  CHECK(std::holds_alternative<std::monostate>(page.rows[1].panels[1].step));
  // Without them it is the one figure again.
  window.click("export-remove-panel");
  window.click("export-remove-panel");
  CHECK_FALSE(find("export-panel-b"));
  CHECK(window.readings.at("export-figure") == "loss");
}

TEST_CASE("the numbers go beside the figure, and Enter saves") {
  Dialog window;
  window.open();
  window.click("export-numbers");
  window.key(widgets::Key::Enter);
  CHECK_THAT(window.status(), EndsWith("and its numbers"));
  CHECK(files_in(window.pictures()) == 2);
  const auto table = test::read_file(fs::path(window.file()).replace_extension(".csv"));
  CHECK(table.starts_with("plot,series,x,y,z\n"));
  CHECK(std::ranges::count(table, '\n') > 100);
}

TEST_CASE("the saved recipe makes the same figure") {
  Dialog window;
  figures::PanelSpec loss;
  loss.figure = "loss";
  window.open(loss);
  window.click("export-type/SVG");
  window.click("export-log-x");
  window.click("export-smoothing/none");
  window.click("export-events");
  window.click("export-member-1");
  window.click("export-save");
  window.click("export-recipe");
  CHECK_THAT(window.status(), EndsWith("synthetic-loss.toml"));
  const auto recipe = figures::load_recipe(fs::path(window.file()).replace_extension(".toml").string());
  const test::Scratch scratch;
  figures::write_page(
      figures::make_page(recipe, {test::synthetic_snapshot(), nullptr, {}, test::synthetic_frame}),
      (scratch / "again.svg").string());
  CHECK(picture(test::read_file(scratch / "again.svg")) == picture(window.written()));
  window.click("export-copy");
  const std::string copied = ImGui::GetClipboardText();
  CHECK_THAT(copied, StartsWith("plateau figure ") && ContainsSubstring("--log-x") &&
                         ContainsSubstring("--no-events") && ContainsSubstring("--smoothing 0"));
}

TEST_CASE("only what a figure heeds can be chosen, and only figures that there are") {
  Dialog window;
  figures::PanelSpec maps;
  maps.figure = "attention";
  window.open(maps);
  CHECK_FALSE(find("export-log-x"));
  CHECK_FALSE(find("export-smoothing/none"));
  window.click("export-figure");
  CHECK(find("export-figure/Loss"));
  CHECK_FALSE(find("export-figure/Circle of the embedding"));
  window.click("export-figure/Loss");
  CHECK(window.readings.at("export-figure") == "loss");
  CHECK(find("export-log-x"));
}

TEST_CASE("a place that cannot be written is told in the dialog") {
  Dialog window;
  window.open();
  window.click("export-path");
  ImGui::GetIO().KeyMods = 0;
  window.key(widgets::Key::End);
  for (int i = 0; i < 400; ++i) {
    widgets::simulate::key(widgets::Key::Backspace, true);
    window.frames(1);
    widgets::simulate::key(widgets::Key::Backspace, false);
    window.frames(1);
    if (window.file().empty()) break;
  }
  widgets::simulate::type("/proc/none/loss.pdf");
  window.frames(3);
  window.click("export-save");
  CHECK_THAT(window.status(), ContainsSubstring("/proc/none/loss.pdf"));
  CHECK_THAT(window.status(), !ContainsSubstring("Saved"));
}

TEST_CASE("the dialog is drawn in every state of a run and size of the window") {
  const auto snapshot = GENERATE(preparing(), test::synthetic_snapshot(0), test::synthetic_snapshot(10));
  Dialog window(snapshot);
  window.open();
  for (const auto& [width, height] : {std::pair{1280, 800}, {320, 240}, {3840, 2160}}) {
    window.size(float(width), float(height));
    window.frames(3);
    CHECK(ImGui::GetDrawData()->TotalVtxCount > 200);
  }
}

TEST_CASE("F12 saves a picture of the window or of a panel, and says where") {
  if (!test::x_server_available()) return;
  const test::Scratch scratch;
  const test::XServer server;
  test::write_synthetic_recording(scratch / "run.plateau");
  const auto outcome = test::run_window(scratch, server, {(scratch / "run.plateau").string()}, R"(
wait-step 4000
key f12
wait-text message "Saved a picture of the window"
key ctrl+e
wait-item export-save
key escape
frames 3
expect-no-item export-save
hover plot-loss
key shift+f12
wait-text message "Saved a picture of the panel"
quit
)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto folder = scratch / "home/data/plateau/pictures";
  REQUIRE(files_in(folder) == 2);
  std::vector<test::Picture> taken;
  for (const auto& entry : fs::directory_iterator(folder)) taken.push_back(test::read_picture(entry.path()));
  std::ranges::sort(taken, std::greater{}, &test::Picture::width);
  CHECK(taken[0].width == 1000);
  CHECK(taken[0].height == 700);
  CHECK(taken[0].colors > 100);
  // That of the curves alone.
  CHECK(taken[1].width > 300);
  CHECK(taken[1].width < 800);
  CHECK(taken[1].height > 150);
  CHECK(taken[1].height < 400);
  CHECK(taken[1].colors > 50);
}
