#include "app/window/preferences.h"

#include <fstream>

#include "app/window/folders.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"

using namespace plateau;
using window::Preferences;

namespace {

Preferences read_from(const test::Scratch& scratch, const std::string& text) {
  const auto file = scratch / "settings.json";
  std::ofstream(file) << text;
  return window::read_preferences(file);
}

} // namespace

TEST_CASE("preferences come back as they were written") {
  const test::Scratch scratch;
  Preferences p;
  p.theme = "light";
  p.font_scale = 1.25f;
  p.left_width = 31;
  p.curves_share = 0.6f;
  p.redraw_rate = 60;
  window::remember(p, "/somewhere/a.plateau");
  window::remember(p, "/somewhere/b.plateau");
  window::remember(p, "/somewhere/a.plateau");
  const auto file = scratch / "deep/down/settings.json";
  window::write_preferences(p, file);
  const Preferences back = window::read_preferences(file);
  CHECK(back.theme == "light");
  CHECK(back.font_scale == 1.25f);
  CHECK(back.left_width == 31);
  CHECK(back.curves_share == 0.6f);
  CHECK(back.redraw_rate == 60);
  CHECK(back.recent == std::vector<std::string>{"/somewhere/a.plateau", "/somewhere/b.plateau"});
}

TEST_CASE("a damaged settings file gives the defaults, and wrong values their limits") {
  const test::Scratch scratch;
  CHECK(window::read_preferences(scratch / "none.json").font_scale == 1);
  CHECK(read_from(scratch, "{ not json").theme == "dark");
  CHECK(read_from(scratch, "[1, 2]").theme == "dark");
  CHECK(read_from(scratch, R"({"theme": "pink"})").theme == "dark");
  CHECK(read_from(scratch, R"({"font_scale": 1e30})").font_scale == window::largest_font_scale);
  CHECK(read_from(scratch, R"({"font_scale": "big", "left_width": -5})").font_scale == 1);
  CHECK(read_from(scratch, R"({"left_width": -5})").left_width == 12);
  CHECK(read_from(scratch, R"({"left_width": 0})").left_width == 0); // by the window's width
  CHECK(read_from(scratch, R"({"recent": [1, "a", null]})").recent == std::vector<std::string>{"a"});
}

TEST_CASE("recordings get names that were never used") {
  const test::Scratch scratch;
  const auto now = std::chrono::system_clock::now();
  const auto first = window::new_recording_path(scratch.path, "eu/reka", now);
  CHECK(first.parent_path() == scratch.path);
  CHECK(first.extension() == ".plateau");
  CHECK(first.filename().string().starts_with("eu-reka-20"));
  std::ofstream(first) << "taken";
  const auto second = window::new_recording_path(scratch.path, "eu/reka", now);
  CHECK(second != first);
  CHECK(second.stem().string() == first.stem().string() + "-2");
}
