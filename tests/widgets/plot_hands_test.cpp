// Spans that are dragged, what is under the mouse, and the nearest point.
#include "tests/catch.h"

#include "tests/widgets/headless.h"
#include "tests/widgets/recording_canvas.h"
#include "widgets/interactive_plot.h"
#include "widgets/plot_readings.h"

using namespace plateau::widgets;
using plateau::test::Headless;

namespace {

class SpanBench : public Headless {
public:
  SpanBench() {
    std::vector<CurvePoint> points;
    for (int i = 0; i <= 1000; ++i) points.push_back({double(i), 0.5});
    Curve curve;
    curve.label = "flat";
    curve.data = CurveData::of(std::move(points));
    plot.curves.push_back(std::move(curve));
    plot.spans.push_back({.x = {200, 400}, .color = {}, .label = {}, .id = 7, .movable = true});
    plot.spans.push_back({.x = {600, 800}, .color = {}, .label = {}, .id = 9, .movable = true});
    plot.marks.push_back({.x = 300, .color = {}, .label = "seen", .remark = true});
    rest(), rest();
  }
  PlotInteraction rest() {
    PlotInteraction last;
    frame([&] { last = interactive_plot(context, "plot", plot, view, {900, 500}); });
    if (last.moved) moved.push_back(*last.moved);
    clicks += last.clicked_x.has_value();
    if (last.context_menu) menu = last;
    return last;
  }
  PlotInteraction at(Point position) {
    simulate::mouse_position(position);
    return rest();
  }
  void drag(Point from, Point to, int button = 0) {
    at(from);
    simulate::mouse_button(button, true), rest();
    at({(from.x + to.x) / 2, (from.y + to.y) / 2});
    at(to);
    simulate::mouse_button(button, false), rest();
    for (int i = 0; i < 30; ++i) rest();
  }
  Point step(double x, float up = 0.3f) const {
    const Rect a = *test_ids::find("plot/area");
    return {a.x + float(x / 1000) * a.width, a.bottom() - up * a.height};
  }

  LinePlot plot;
  PlotView view;
  std::vector<PlotInteraction::MovedSpan> moved;
  std::optional<PlotInteraction> menu;
  int clicks = 0;
};

} // namespace

TEST_CASE("the end of a span is dragged, and the caller told once, when it is let go") {
  SpanBench bench;
  bench.drag(bench.step(400), bench.step(500));
  REQUIRE(bench.moved.size() == 1);
  CHECK(bench.moved[0].id == 7);
  CHECK_FALSE(bench.moved[0].low_end);
  CHECK(bench.moved[0].x.low == 200);
  CHECK(bench.moved[0].x.high == Approx(500).margin(2));
  CHECK_FALSE(bench.view.x); // it was no box
  CHECK(bench.clicks == 0);
}

TEST_CASE("a span's end stays before its other end and out of the next span") {
  SpanBench bench;
  bench.drag(bench.step(400), bench.step(900));
  bench.drag(bench.step(200), bench.step(950));
  bench.drag(bench.step(600), bench.step(100));
  REQUIRE(bench.moved.size() == 3);
  CHECK(bench.moved[0].x.high == 600);
  CHECK(bench.moved[1].low_end);
  CHECK(bench.moved[1].x.low < 400);
  CHECK(bench.moved[1].x.low > 390);
  CHECK(bench.moved[2].id == 9);
  CHECK(bench.moved[2].x.low == 400);
}

TEST_CASE("the playhead on a span's end is dragged, but beside the grip") {
  SpanBench bench;
  bench.plot.playhead = 400;
  bench.drag(bench.step(400, 0.9f), bench.step(450, 0.9f));
  CHECK(bench.moved.empty());
  CHECK(bench.clicks > 0);
  bench.drag(bench.step(400, 0.5f), bench.step(450, 0.5f));
  CHECK(bench.moved.size() == 1);
}

TEST_CASE("spans that are not movable are left alone") {
  SpanBench bench;
  for (auto& span : bench.plot.spans) span.movable = false;
  bench.drag(bench.step(400), bench.step(500));
  CHECK(bench.moved.empty());
  CHECK(bench.view.x);
}

TEST_CASE("a right click tells the mark and the span under it") {
  SpanBench bench;
  bench.drag(bench.step(300), bench.step(300), 1);
  REQUIRE(bench.menu);
  CHECK(bench.menu->mark == 0u);
  CHECK(bench.menu->span == 0u);
  CHECK(bench.menu->hovered_x == Approx(300).margin(2));
  bench.drag(bench.step(500), bench.step(500), 1);
  CHECK_FALSE(bench.menu->mark);
  CHECK_FALSE(bench.menu->span);
  // On the numbers of an axis there is no step.
  bench.menu.reset();
  const Rect area = *test_ids::find("plot/area");
  bench.drag({area.x - 20, area.center().y}, {area.x - 20, area.center().y}, 1);
  CHECK_FALSE(bench.menu);
}

TEST_CASE("axes are what a person has chosen") {
  SpanBench bench;
  bench.plot.x.at_least = Range{0, 1};
  bench.view.x_kind = ScaleKind::SymLog;
  bench.rest();
  const Point middle = bench.step(500);
  CHECK(*bench.at(middle).hovered_x < 100); // half the axis are the first decades
}

TEST_CASE("the nearest point is the recorded one, with its mean where the curve is smoothed") {
  std::vector<CurvePoint> points, sparse;
  for (int i = 0; i <= 1000; ++i) points.push_back({double(i), i % 2 ? 0.6 : 0.4});
  for (int i = 0; i <= 1000; i += 250) sparse.push_back({double(i), 0.8});
  LinePlot plot;
  for (auto* data : {&points, &sparse}) {
    Curve curve;
    curve.label = data == &points ? "noisy" : "sparse";
    curve.data = CurveData::of(*data);
    plot.curves.push_back(std::move(curve));
  }
  plot.y.range = Range{0, 1};
  plateau::test::RecordingCanvas canvas;
  const auto place = layout(plot, canvas, {0, 0, 600, 400}, PlotStyle{});
  const auto find = [&](double x, double y, const Hidden& hidden = {}) {
    return nearest_point(plot, place, hidden, {place.x.position(x), place.y.position(y)}, 8);
  };
  // On the line between two points: the nearer of them.
  auto found = find(340, 0.805);
  REQUIRE(found);
  CHECK(found->curve == 1);
  CHECK(found->point.x == 250);
  CHECK(found->point.y == 0.8);
  CHECK_FALSE(found->smoothed);
  CHECK(find(390, 0.805)->point.x == 500);
  CHECK_FALSE(find(340, 0.95));
  CHECK_FALSE(find(340, 0.8, {"sparse"}));
  found = find(501, 0.601);
  REQUIRE(found);
  CHECK(found->curve == 0);
  CHECK(found->point.y == 0.6);

  plot.curves[0].smoothing = 100;
  found = find(501, 0.501);
  REQUIRE(found);
  CHECK(found->curve == 0);
  CHECK(found->point.y == (int(found->point.x) % 2 ? 0.6 : 0.4));
  REQUIRE(found->smoothed);
  CHECK(*found->smoothed == Approx(0.5).margin(0.002));
  // Far from the mean but on the raw curve behind it.
  found = find(501, 0.601);
  REQUIRE(found);
  CHECK(found->point.y == 0.6);
}

TEST_CASE("exact values have the digits that were recorded") {
  CHECK(exact_value(0.6238131f) == "0.6238131");
  CHECK(exact_value(0.1) == "0.1");
  CHECK(exact_value(2) == "2");
  CHECK(exact_value(1e-9f) == "1e-09");
}
