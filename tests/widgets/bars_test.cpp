// Bars in groups, labels over single bars, matrices over steps, round circles.
#include <cmath>

#include "tests/catch.h"
#include "tests/widgets/recording_canvas.h"
#include "widgets/bar_chart.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/scatter.h"

using namespace plateau;
using namespace plateau::widgets;

namespace {
const PlotStyle style = print_style(print_theme());
}

TEST_CASE("bars stand in their groups and are found under the mouse") {
  BarChart chart;
  chart.groups = {"head 1", "head 2"};
  chart.series = {{"a", rgb(0x112233), {0.2, 0.5}}, {"b", rgb(0x445566), {0.8, NAN}}};
  chart.y.range = Range{0, 1};
  test::RecordingCanvas canvas;
  const auto place = layout(chart, canvas, {0, 0, 300, 200}, style);
  REQUIRE(place.x_ticks.size() == 2);
  CHECK(place.x_ticks[0].label == "head 1");
  CHECK(place.legend.size() == 2);
  const auto at = [&](double x) { return Point{place.x.position(x), place.area.center().y}; };
  CHECK(bar_at(chart, place, at(0.3)) == Bar{0, 0});
  CHECK(bar_at(chart, place, at(0.7)) == Bar{0, 1});
  CHECK(bar_at(chart, place, at(1.3)) == Bar{1, 0});
  CHECK_FALSE(bar_at(chart, place, at(1.0))); // between the groups
  CHECK_FALSE(bar_at(chart, place, {-5, 0}));
  draw(canvas, chart, place, style);
  BarChart empty;
  CHECK_FALSE(bar_at(empty, layout(empty, canvas, {0, 0, 300, 200}, style), at(0.5)));
}

TEST_CASE("a bar of a histogram is found under the mouse") {
  Histogram histogram;
  histogram.range = {0.5, 4.5};
  histogram.shares = {0.1, 0.2, 0.3, 0.4};
  test::RecordingCanvas canvas;
  const auto place = layout(histogram, canvas, {0, 0, 300, 200}, style);
  const auto at = [&](double x) { return Point{place.x.position(x), place.area.center().y}; };
  CHECK(bar_at(histogram, place, at(1)) == 0);
  CHECK(bar_at(histogram, place, at(4.4)) == 3);
  CHECK_FALSE(bar_at(histogram, place, {place.area.x - 3, place.area.center().y}));
  const double without = place.y.range().high;
  histogram.labels = {{3, "4"}};
  CHECK(layout(histogram, canvas, {0, 0, 300, 200}, style).y.range().high > without); // room above
}

TEST_CASE("a circle is round in any frame") {
  Scatter scatter;
  scatter.same_scale = true;
  scatter.x.range = scatter.y.range = Range{-1, 1};
  scatter.points = {{1, 0}, {0, 1}};
  test::RecordingCanvas canvas;
  for (const Rect outer : {Rect{0, 0, 400, 150}, Rect{0, 0, 150, 400}}) {
    const auto place = layout(scatter, canvas, outer, style);
    CHECK(place.plot.area.width == Approx(place.plot.area.height).epsilon(0.03));
    CHECK(place.plot.area.x >= outer.x);
    CHECK(place.plot.area.right() <= outer.right());
    CHECK(place.plot.area.bottom() <= outer.bottom());
  }
}
