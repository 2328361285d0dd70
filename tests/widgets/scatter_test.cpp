#include "widgets/scatter.h"

#include "tests/catch.h"
#include "tests/widgets/headless.h"
#include "tests/widgets/recording_canvas.h"
#include "widgets/histogram.h"
#include "widgets/interactive_scatter.h"

using namespace plateau::widgets;
using plateau::test::Headless;
using plateau::test::RecordingCanvas;

namespace {

Scatter sample_scatter() {
  Scatter scatter;
  scatter.title = "SGD";
  scatter.note = "Pearson 0.50";
  scatter.x = {.title = "gradient norm", .kind = ScaleKind::Log};
  scatter.y = {.title = "smoothness", .kind = ScaleKind::Log};
  scatter.points = {{0.1, 1}, {1, 10}, {10, 100}, {-1, 5}, {2, 0}};
  scatter.shades = {0, 500, 1000, 1500, 2000};
  scatter.bar.title = "step";
  scatter.bar.numbers = NumberStyle::Steps;
  scatter.line = {{0.1, 0.1}, {10, 10}};
  return scatter;
}

bool inside(const Rect& inner, const Rect& outer) {
  return inner.x >= outer.x - 0.5f && inner.y >= outer.y - 0.5f && inner.right() <= outer.right() + 0.5f &&
         inner.bottom() <= outer.bottom() + 0.5f;
}

} // namespace

TEST_CASE("a scatter plot draws the points that its axes have a place for, where they belong") {
  const Scatter scatter = sample_scatter();
  CHECK(is_shown(scatter, {1, 1}));
  CHECK_FALSE(is_shown(scatter, {-1, 5}));
  CHECK_FALSE(is_shown(scatter, {2, 0}));
  RecordingCanvas canvas;
  const auto style = screen_style(light_theme(), 1);
  const auto place = layout(scatter, canvas, {0, 0, 400, 300}, style);
  draw(canvas, scatter, place, style);
  REQUIRE(canvas.circles.size() == 3);
  CHECK(canvas.circles[1].x == Approx(place.plot.x.position(1)));
  CHECK(canvas.circles[1].y == Approx(place.plot.y.position(10)));
  // A decade is as long everywhere.
  CHECK(canvas.circles[1].x - canvas.circles[0].x == Approx(canvas.circles[2].x - canvas.circles[1].x));
  CHECK(canvas.clips == 0);
  CHECK(place.bar);
  CHECK(place.shades == Range{0, 2000});
  Scatter plain = scatter;
  plain.shades.clear();
  CHECK_FALSE(layout(plain, canvas, {0, 0, 400, 300}, style).bar);
}

TEST_CASE("the texts of a scatter plot stay inside and apart at any size") {
  const auto size = GENERATE(Size{180, 140}, Size{260, 200}, Size{600, 400});
  RecordingCanvas canvas;
  const Rect outer{10, 20, size.width, size.height};
  draw(canvas, sample_scatter(), outer, screen_style(dark_theme(), 1));
  for (std::size_t a = 0; a < canvas.texts.size(); ++a) {
    INFO(canvas.texts[a].text);
    CHECK(inside(canvas.texts[a].box, outer));
    for (std::size_t b = 0; b < a; ++b) {
      INFO(canvas.texts[b].text);
      CHECK_FALSE(canvas.texts[a].box.inset(1).overlaps(canvas.texts[b].box.inset(1)));
    }
  }
}

TEST_CASE("an empty scatter plot says so") {
  RecordingCanvas canvas;
  Scatter scatter;
  scatter.empty_text = "nothing yet";
  draw(canvas, scatter, Rect{0, 0, 300, 200}, screen_style(dark_theme(), 1));
  bool said = false;
  for (const auto& text : canvas.texts) said |= text.text == "nothing yet";
  CHECK(said);
}

TEST_CASE("the nearest point is found, of two on one another the one on top") {
  Scatter scatter;
  scatter.points = {{0, 0}, {1, 1}, {1, 1}};
  RecordingCanvas canvas;
  const auto place = layout(scatter, canvas, {0, 0, 300, 200}, screen_style(dark_theme(), 1));
  const Point at{place.plot.x.position(1) + 3, place.plot.y.position(1) - 3};
  CHECK(point_at(scatter, place, at, 10) == 2u);
  CHECK_FALSE(point_at(scatter, place, at, 2));
}

TEST_CASE("a click on a point tells which") {
  Headless window;
  Scatter scatter = sample_scatter();
  scatter.line.clear(); // only the points decide the axes
  ScatterInteraction done;
  const auto rest = [&] {
    window.frame([&] { done = interactive_scatter(window.context, "scatter", scatter, {400, 300}); });
  };
  rest(), rest();
  // The second of three points in a row lies in the middle of the area.
  const Rect area = *test_ids::find("scatter/area");
  simulate::mouse_position(area.center());
  rest(), rest();
  CHECK(done.hovered == 1u);
  CHECK_FALSE(done.clicked);
  simulate::mouse_button(0, true);
  rest();
  CHECK(done.clicked == 1u);
  simulate::mouse_button(0, false);
  simulate::mouse_position({area.x + 2, area.y + 2});
  rest();
  CHECK_FALSE(done.hovered);
}

TEST_CASE("a line over a histogram's bars has room, and colours of a bar keep to their part of the map") {
  Histogram histogram;
  histogram.shares = {0.1, 0.2};
  histogram.line = {{0, 0.1}, {0.5, 0.9}, {1, 0.1}};
  RecordingCanvas canvas;
  const auto style = screen_style(dark_theme(), 1);
  const auto place = layout(histogram, canvas, {0, 0, 300, 200}, style);
  CHECK(place.y.range().high > 0.9);
  draw(canvas, histogram, Rect{0, 0, 300, 200}, style);
  CHECK(canvas.lines.back().points.size() == 3);
  ColorBar bar;
  bar.part = {0.2, 0.8};
  CHECK(bar_color(bar, 0) == color_at(bar.map, 0.2));
  CHECK(bar_color(bar, 1) == color_at(bar.map, 0.8));
}

TEST_CASE("rings set single points of a curve apart") {
  LinePlot plot;
  Curve curve;
  curve.label = "SGD";
  curve.kind = "|S|";
  curve.data = CurveData::of({{0, 1}, {1, 2}, {2, 3}, {3, 4}});
  Curve rings = curve;
  rings.kind = "S < 0";
  rings.rings = true;
  rings.data = CurveData::of({{1, 2}, {3, 4}});
  plot.curves = {curve, rings};
  RecordingCanvas canvas;
  const auto place = layout(plot, canvas, {0, 0, 400, 300}, screen_style(dark_theme(), 1));
  REQUIRE(place.legend.size() == 3); // the member and both kinds
  CHECK_FALSE(place.legend[1].ring);
  CHECK(place.legend[2].ring);
  draw(canvas, plot, place, screen_style(dark_theme(), 1));
  CHECK(canvas.circles.size() == 2); // the rings' grounds
}

TEST_CASE("titles and labels of single maps in a grid have room") {
  HeatMapGrid grid;
  grid.row_captions.assign(2, "");
  grid.column_captions.assign(3, "");
  for (int i = 0; i < 6; ++i) {
    HeatMap map;
    map.rows = map.columns = 2;
    map.values = {1, 2, 3, 4};
    map.title = "P";
    map.x_label = "0.12";
    map.finish();
    grid.cells.push_back(map);
  }
  RecordingCanvas canvas;
  const Rect outer{0, 0, 300, 220};
  draw(canvas, grid, outer, screen_style(dark_theme(), 1));
  REQUIRE(canvas.texts.size() >= 12);
  for (std::size_t a = 0; a < canvas.texts.size(); ++a) {
    CHECK(inside(canvas.texts[a].box, outer));
    for (const Rect& image : canvas.images) CHECK_FALSE(canvas.texts[a].box.inset(1).overlaps(image));
    for (std::size_t b = 0; b < a; ++b)
      CHECK_FALSE(canvas.texts[a].box.inset(1).overlaps(canvas.texts[b].box.inset(1)));
  }
}
