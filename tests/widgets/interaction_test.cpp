#include "tests/catch.h"

#include <cmath>

#include "tests/widgets/headless.h"
#include "widgets/help.h"
#include "widgets/interactive_map.h"
#include "widgets/interactive_plot.h"
#include "widgets/timeline.h"

using namespace plateau::widgets;
using plateau::test::Headless;

namespace {

// A plot in a window, with hands.
class PlotBench : public Headless {
public:
  PlotBench() {
    for (const char* name : {"a", "b"}) {
      std::vector<CurvePoint> points;
      for (int i = 0; i <= 1000; ++i) points.push_back({double(i), *name == 'a' ? i * 0.001 : 1 - i * 0.001});
      Curve curve;
      curve.label = name;
      curve.data = CurveData::of(std::move(points));
      plot.curves.push_back(std::move(curve));
    }
    rest(); // names are known from the second frame on
    rest();
  }

  PlotInteraction rest() {
    PlotInteraction last;
    frame([&] { last = interactive_plot(context, "plot", plot, view, {900, 500}); });
    note(last);
    return last;
  }
  PlotInteraction at(Point position) {
    simulate::mouse_position(position);
    return rest();
  }
  void press(int button = 0) { simulate::mouse_button(button, true), rest(); }
  void release(int button = 0) { simulate::mouse_button(button, false), rest(); }
  void click(Point position, int button = 0) {
    at(position);
    press(button);
    release(button);
    for (int i = 0; i < 30; ++i) rest(); // so long that the next click is no double click
  }
  void drag(Point from, Point to, int button = 0) {
    at(from);
    press(button);
    at({(from.x + to.x) / 2, (from.y + to.y) / 2});
    at(to);
    release(button);
    for (int i = 0; i < 30; ++i) rest();
  }
  Rect area() const { return *test_ids::find("plot/area"); }
  Point within(float right, float up) const {
    const Rect a = area();
    return {a.x + right * a.width, a.bottom() - up * a.height};
  }

  LinePlot plot;
  PlotView view;
  std::vector<double> clicks;
  int context_menus = 0;

private:
  void note(const PlotInteraction& interaction) {
    if (interaction.clicked_x) clicks.push_back(*interaction.clicked_x);
    context_menus += interaction.context_menu;
  }
};

} // namespace

TEST_CASE("a click on a plot tells the step and zooms nothing") {
  PlotBench bench;
  bench.click(bench.within(0.25f, 0.5f));
  REQUIRE(bench.clicks.size() == 1);
  CHECK(bench.clicks[0] == Approx(250).margin(2));
  CHECK_FALSE(bench.view.x);
  CHECK_FALSE(bench.view.y);
}

TEST_CASE("a dragged box becomes the view, a double click fits again") {
  PlotBench bench;
  bench.drag(bench.within(0.2f, 0.2f), bench.within(0.6f, 0.8f));
  REQUIRE(bench.view.x);
  REQUIRE(bench.view.y);
  CHECK(bench.view.x->low == Approx(200).margin(2));
  CHECK(bench.view.x->high == Approx(600).margin(2));
  CHECK(bench.view.y->length() == Approx(0.6 * 1.04).margin(0.02));
  CHECK(bench.clicks.empty());

  bench.at(bench.within(0.5f, 0.5f));
  bench.press(), bench.release(), bench.press(), bench.release();
  CHECK_FALSE(bench.view.x);
  CHECK_FALSE(bench.view.y);
  CHECK(bench.clicks.size() == 1); // of its first half; the second fits
}

TEST_CASE("a flat box zooms steps only") {
  PlotBench bench;
  bench.drag(bench.within(0.5f, 0.5f), bench.within(0.75f, 0.505f));
  REQUIRE(bench.view.x);
  CHECK(bench.view.x->low == Approx(500).margin(2));
  CHECK_FALSE(bench.view.y);
}

TEST_CASE("the wheel zooms about the cursor, with Shift the other axis") {
  PlotBench bench;
  const Point cursor = bench.within(0.25f, 0.5f);
  bench.at(cursor);
  simulate::mouse_wheel(3);
  bench.rest();
  REQUIRE(bench.view.x);
  CHECK_FALSE(bench.view.y);
  CHECK(bench.view.x->length() == Approx(1000 * std::pow(0.85, 3)).margin(2));
  const double share = (250 - bench.view.x->low) / bench.view.x->length();
  CHECK(share == Approx(0.25).margin(0.005));

  simulate::modifiers(false, true);
  simulate::mouse_wheel(-1);
  bench.rest();
  simulate::modifiers(false, false);
  REQUIRE(bench.view.y);
  CHECK(bench.view.y->length() > 1);
}

TEST_CASE("the wheel stops where nothing would be left to see") {
  PlotBench bench;
  bench.at(bench.within(0.5f, 0.5f));
  for (int i = 0; i < 400; ++i) simulate::mouse_wheel(5), bench.rest();
  CHECK(bench.view.x->length() > 0);
  for (int i = 0; i < 800; ++i) simulate::mouse_wheel(-5), bench.rest();
  CHECK(std::isfinite(bench.view.x->low));
  CHECK(std::isfinite(bench.view.x->high));
}

TEST_CASE("middle and right drag pan, a right click asks for the menu") {
  for (const int button : {1, 2}) {
    PlotBench bench;
    bench.drag(bench.within(0.2f, 0.2f), bench.within(0.6f, 0.8f));
    const Range before = *bench.view.x;
    bench.drag(bench.within(0.5f, 0.5f), bench.within(0.25f, 0.5f), button);
    CHECK(bench.view.x->low == Approx(before.low + 0.25 * before.length()).margin(1));
    CHECK(bench.view.x->length() == Approx(before.length()).epsilon(1e-3));
    CHECK(bench.context_menus == 0);
  }
  PlotBench bench;
  bench.click(bench.within(0.5f, 0.5f), 1);
  CHECK(bench.context_menus == 1);
  CHECK(bench.clicks.empty());
}

TEST_CASE("the playhead can be dragged") {
  PlotBench bench;
  bench.plot.playhead = 500;
  bench.drag(bench.within(0.5f, 0.3f), bench.within(0.8f, 0.3f));
  REQUIRE_FALSE(bench.clicks.empty());
  CHECK(bench.clicks.back() == Approx(800).margin(2));
  CHECK_FALSE(bench.view.x);
}

TEST_CASE("the legend hides and shows, with Ctrl shows one alone") {
  PlotBench bench;
  const auto entry = [](const char* name) {
    return test_ids::find(std::string("plot/legend/") + name)->center();
  };
  bench.click(entry("a"));
  CHECK(bench.view.hidden == Hidden{"a"});
  bench.click(entry("a"));
  CHECK(bench.view.hidden.empty());
  simulate::modifiers(true, false);
  bench.click(entry("a"));
  CHECK(bench.view.hidden == Hidden{"b"});
  bench.click(entry("a"));
  CHECK(bench.view.hidden.empty());
  simulate::modifiers(false, false);
  CHECK(bench.clicks.empty());
}

TEST_CASE("the crosshair is shared and follows the nearest step") {
  PlotBench bench;
  std::optional<double> cursor;
  simulate::mouse_position(bench.within(0.4f, 0.5f));
  bench.frame([&] { interactive_plot(bench.context, "plot", bench.plot, bench.view, {900, 500}, &cursor); });
  REQUIRE(cursor);
  CHECK(*cursor == std::round(*cursor));
  CHECK(*cursor == Approx(400).margin(2));
}

TEST_CASE("a plot without data takes every gesture") {
  PlotBench bench;
  bench.plot.curves.clear();
  bench.rest(), bench.rest();
  bench.drag(bench.within(0.2f, 0.2f), bench.within(0.6f, 0.8f));
  simulate::mouse_wheel(3);
  bench.click(bench.within(0.25f, 0.5f));
  CHECK(std::isfinite(bench.clicks.at(0)));
}

namespace {

class TimelineBench : public Headless {
public:
  TimelineBench() {
    timeline.end = 1000, timeline.planned = 2000, timeline.step = 1000;
    for (int step = 0; step <= 1000; step += 50) timeline.stops.push_back(step);
    rest(), rest();
  }
  void rest() {
    frame([&] {
      const auto done = interactive_timeline(context, "timeline", timeline, state, {900, 60});
      if (done.step) timeline.step = *done.step, timeline.live = done.to_live, moved.push_back(*done.step);
    });
  }
  Point place(double step) const {
    const Rect rect = *test_ids::find("timeline");
    return {timeline_scale(timeline, rect, context.style).position(step), rect.center().y};
  }
  void key(Key which) {
    simulate::key(which, true), rest();
    simulate::key(which, false), rest();
  }
  Timeline timeline;
  TimelineState state;
  std::vector<std::int64_t> moved;
};

} // namespace

TEST_CASE("dragging the time line moves the playhead over recorded steps") {
  TimelineBench bench;
  simulate::mouse_position(bench.place(312));
  bench.rest();
  simulate::mouse_button(0, true);
  bench.rest();
  CHECK(bench.timeline.step == 300);
  CHECK_FALSE(bench.timeline.live);
  simulate::mouse_position(bench.place(488));
  bench.rest();
  CHECK(bench.timeline.step == 500);
  CHECK(bench.state.dragging);
  simulate::mouse_position(bench.place(-500)); // beyond the left end
  bench.rest();
  CHECK(bench.timeline.step == 0);
  simulate::mouse_position(bench.place(1700)); // not trained yet: the live end
  bench.rest();
  CHECK(bench.timeline.step == 1000);
  CHECK(bench.timeline.live);
  simulate::mouse_button(0, false);
  bench.rest();
  CHECK_FALSE(bench.state.dragging);
}

TEST_CASE("after a click the arrow keys step through recorded steps") {
  TimelineBench bench;
  bench.key(Key::Left);
  CHECK(bench.moved.empty()); // not focused
  simulate::mouse_position(bench.place(500));
  bench.rest();
  simulate::mouse_button(0, true), bench.rest();
  simulate::mouse_button(0, false), bench.rest();
  REQUIRE(bench.timeline.step == 500);
  bench.key(Key::Left);
  CHECK(bench.timeline.step == 450);
  bench.key(Key::Right);
  CHECK(bench.timeline.step == 500);
  bench.key(Key::Home);
  CHECK(bench.timeline.step == 0);
  bench.key(Key::Left);
  CHECK(bench.timeline.step == 0);
  simulate::modifiers(false, true);
  bench.key(Key::Right);
  simulate::modifiers(false, false);
  CHECK(bench.timeline.step == 500);
  bench.key(Key::End);
  CHECK(bench.timeline.step == 1000);
  CHECK(bench.timeline.live);
}

TEST_CASE("the nearest stop") {
  Timeline timeline;
  timeline.end = 100;
  CHECK(nearest_stop(timeline, 33.4) == 33);
  CHECK(nearest_stop(timeline, 500) == 100);
  timeline.stops = {10, 20, 90};
  CHECK(nearest_stop(timeline, -5) == 10);
  CHECK(nearest_stop(timeline, 14) == 10);
  CHECK(nearest_stop(timeline, 16) == 20);
  CHECK(nearest_stop(timeline, 99) == 90);
}

TEST_CASE("a map of a grid is clicked at its cell") {
  Headless bench;
  HeatMapGrid grid;
  grid.row_captions = {"layer 1", "layer 2"};
  grid.column_captions = {"head 1", "head 2"};
  for (int i = 0; i < 4; ++i) {
    HeatMap map;
    map.rows = map.columns = 5;
    map.values.assign(25, 0.2f);
    map.finish();
    grid.cells.push_back(map);
  }
  MapInteraction last;
  const auto rest = [&] {
    bench.frame([&] { last = interactive_grid(bench.context, "grid", grid, {600, 600}, 1); });
  };
  rest(), rest();
  const Rect third = *test_ids::find("grid/2");
  simulate::mouse_position({third.x + third.width * 0.5f, third.y + third.height * 0.9f});
  rest();
  CHECK(last.hovered_map == 2);
  CHECK(last.hovered_cell == Cell{4, 2});
  CHECK_FALSE(last.clicked_map);
  simulate::mouse_button(0, true);
  rest();
  CHECK(last.clicked_map == 2);
  CHECK(last.clicked_cell == Cell{4, 2});
  simulate::mouse_button(0, false);
  rest();
}

TEST_CASE("an icon button is pressed where it is marked, not when disabled") {
  Headless bench;
  int pressed = 0;
  bool enabled = true;
  const auto rest = [&] {
    bench.frame([&] {
      ImGui::BeginDisabled(!enabled);
      pressed += icon_button(bench.context, "play", Icon::Play, "Run", true);
      ImGui::EndDisabled();
      help(bench.context, "Starts the run");
    });
  };
  const auto click = [&] {
    simulate::mouse_position(test_ids::find("play")->center());
    rest();
    simulate::mouse_button(0, true), rest();
    simulate::mouse_button(0, false), rest();
  };
  rest(), rest();
  click();
  CHECK(pressed == 1);
  enabled = false;
  click();
  CHECK(pressed == 1);
}

TEST_CASE("names on the screen last one frame beyond their drawing") {
  test_ids::begin_frame(), test_ids::begin_frame();
  test_ids::mark("here", Rect{1, 2, 3, 4});
  CHECK(test_ids::find("here") == Rect{1, 2, 3, 4});
  test_ids::begin_frame();
  CHECK(test_ids::find("here"));
  CHECK(test_ids::all().contains("here"));
  test_ids::begin_frame();
  CHECK_FALSE(test_ids::find("here"));
}

TEST_CASE("keys of the compatibility table reach ImGui") {
  Headless bench;
  for (const Key key : {Key::Space, Key::F1, Key::A, Key::Z, Key::Digit0, Key::Escape, Key::Right, Key::Slash,
                        Key::LeftBracket}) {
    bool seen = false;
    simulate::key(key, true);
    bench.frame([&] { seen = key_pressed(key); });
    simulate::key(key, false);
    bench.frame([] {});
    CHECK(seen);
  }
}

TEST_CASE("the window's fonts have the signs that formulas and labels use") {
  Headless bench;
  CHECK(bench.context.fonts.note.empty());
#if IMGUI_VERSION_NUM < 19200 // later versions load glyphs as they are met
  for (ImFont* font : {bench.context.fonts.regular, bench.context.fonts.mono, bench.context.fonts.small,
                       bench.context.fonts.heading})
    for (const char32_t sign : U"√τ∂Σ∑∈≤≥·×→←−⁻⁰¹²³⁷₁₀ₖᵀ∞ℝ…–“”αβ")
      if (sign) {
        INFO(std::uint32_t(sign));
        CHECK(font->FindGlyphNoFallback(ImWchar(sign)));
      }
#endif
}

TEST_CASE("text is measured alike in a line and letter by letter, and grows with its size") {
  Headless bench;
  bench.frame([&] {
    ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), bench.context.fonts, bench.context.textures);
    CHECK(canvas.measure("loss", 12).width > 15);
    CHECK(canvas.measure("loss", 24).width > 1.8f * canvas.measure("loss", 12).width);
    CHECK(canvas.measure("iiii", 12, FontFace::Mono).width ==
          Approx(canvas.measure("WWWW", 12, FontFace::Mono).width));
  });
}

TEST_CASE("upward text is turned about its anchor and keeps the clip rectangle") {
  Headless bench;
  bench.frame([&] {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    ImGuiCanvas canvas(list, bench.context.fonts, bench.context.textures);
    const ClipScope clip(canvas, {100, 100, 50, 300});
    const int first = list.VtxBuffer.Size;
    const auto clip_before = list._CmdHeader.ClipRect;
    canvas.text({110, 250}, "accuracy",
                {.size = 12, .color = rgb(0xffffff), .horizontal = Horizontal::Center, .upwards = true});
    REQUIRE(list.VtxBuffer.Size == first + 4 * 8);
    CHECK(list._CmdHeader.ClipRect.z == clip_before.z);
    const float width = canvas.measure("accuracy", 12).width;
    for (int i = first; i < list.VtxBuffer.Size; ++i) {
      const ImVec2 p = list.VtxBuffer[i].pos;
      CHECK((p.x > 95 && p.x < 116));
      CHECK(std::abs(p.y - 250) < width / 2 + 3);
    }
    CHECK(list.VtxBuffer[first].pos.y > 250); // reads from bottom to top
  });
}
