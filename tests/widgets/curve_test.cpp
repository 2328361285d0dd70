#include "tests/catch.h"

#include <cmath>
#include <random>

#include "tests/widgets/recording_canvas.h"
#include "widgets/line_plot.h"

using namespace plateau::widgets;

namespace {

PlotLayout place_on(Range x, Range y, float width = 400) {
  PlotLayout place;
  place.area = {50, 20, width, 200};
  place.x = Scale(ScaleKind::Linear, x, place.area.x, place.area.right());
  place.y = Scale(ScaleKind::Linear, y, place.area.bottom(), place.area.y);
  place.empty = false;
  return place;
}

Curve curve_of(std::vector<CurvePoint> points, double smoothing = 0) {
  Curve curve;
  curve.label = "curve";
  curve.data = CurveData::of(std::move(points));
  curve.smoothing = smoothing;
  return curve;
}

std::vector<CurvePoint> noise(std::size_t count) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::vector<CurvePoint> points;
  for (std::size_t i = 0; i < count; ++i) points.push_back({double(i), normal(random)});
  return points;
}

/// The same points, from `lead` on, that know what each 64 in a row come to.
struct Blocks {
  std::vector<CurvePoint> points;
  std::size_t lead = 0;
};

CurveBlock read_block(const void* owner, std::size_t i) {
  const auto& all = *static_cast<const Blocks*>(owner);
  CurveBlock block;
  for (std::size_t k = i * 64; k < (i + 1) * 64; ++k) {
    const CurvePoint p = all.points[k];
    if (!std::isfinite(p.y)) continue;
    if (block.finite == 0 || p.y < block.low.y) block.low = p;
    if (block.finite == 0 || p.y > block.high.y) block.high = p;
    block.sum += p.y;
    ++block.finite;
  }
  return block;
}

CurveData with_blocks(std::vector<CurvePoint> points, std::size_t lead = 0) {
  auto owner = std::make_shared<const Blocks>(Blocks{std::move(points), lead});
  CurveData data;
  data.size = owner->points.size() - lead;
  data.read = [](const void* from, std::size_t begin, std::size_t count, CurvePoint* out) {
    const auto& all = *static_cast<const Blocks*>(from);
    std::copy_n(all.points.begin() + std::ptrdiff_t(all.lead + begin), count, out);
  };
  data.block = read_block;
  data.block_size = 64;
  data.lead = lead;
  data.owner = owner;
  return data;
}

bool is_gap(Point p) {
  return std::isnan(p.x);
}

} // namespace

TEST_CASE("a million points become two per column, and no spike is lost") {
  auto points = noise(1000000);
  points[123456].y = 40;
  points[765432].y = -40;
  const auto place = place_on({0, 999999}, {-50, 50});
  const DrawnCurve drawn = prepare(curve_of(points), place, 1);
  CHECK(drawn.raw.size() <= 2 * 401);
  float top = INFINITY, bottom = -INFINITY;
  for (const Point p : drawn.raw) top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  CHECK(top == Approx(place.y.position(40)));
  CHECK(bottom == Approx(place.y.position(-40)));
  for (std::size_t i = 1; i < drawn.raw.size(); ++i) CHECK(drawn.raw[i].x >= drawn.raw[i - 1].x);
}

TEST_CASE("each column keeps its own extremes") {
  const auto points = noise(20000);
  const auto place = place_on({0, 19999}, {-5, 5}, 100);
  const DrawnCurve drawn = prepare(curve_of(points), place, 1);
  std::vector<Range> wanted(101, {INFINITY, -INFINITY}), found = wanted;
  const auto note = [&](std::vector<Range>& columns, Point p) {
    Range& column = columns[std::size_t(std::floor(p.x) - place.area.x)];
    column = {std::min(column.low, double(p.y)), std::max(column.high, double(p.y))};
  };
  for (const auto& p : points) note(wanted, {place.x.position(p.x), place.y.position(p.y)});
  for (const Point p : drawn.raw) note(found, p);
  CHECK(wanted == found);
}

TEST_CASE("blocks of points draw the same picture as each of them") {
  auto points = noise(200000);
  points[50000].y = 40;
  points[150001].y = NAN;
  for (std::size_t i = 90000; i < 90100; ++i) points[i].y = -3;
  for (const std::size_t lead : {0, 40})
    for (const auto kind : {ScaleKind::Linear, ScaleKind::Log})
      for (const Range x : {Range{0, 199999}, Range{70000, 160000}, Range{49990, 50100}}) {
        auto place = place_on(x, {0.01, 50});
        place.y = Scale(kind, {0.01, 50}, place.area.bottom(), place.area.y);
        Curve curve;
        curve.data = with_blocks(points, lead);
        std::vector<CurvePoint> own(points.begin() + std::ptrdiff_t(lead), points.end());
        const auto wanted = prepare(curve_of(own), place, 0.5f).raw, found = prepare(curve, place, 0.5f).raw;
        REQUIRE(found.size() == wanted.size());
        for (std::size_t i = 0; i < found.size(); ++i)
          if (found[i] != wanted[i] && !(is_gap(found[i]) && is_gap(wanted[i]))) {
            CAPTURE(lead, i);
            FAIL_CHECK("another point is drawn");
          }
        for (const bool positive : {false, true})
          CHECK(y_extent(curve.data, x, positive) == y_extent(curve_of(own).data, x, positive));
      }
}

TEST_CASE("means over blocks are those over their points") {
  auto points = noise(100000);
  points[777].y = NAN;
  Curve curve, plain = curve_of(points, 5001);
  curve.data = with_blocks(points);
  curve.smoothing = 5001;
  for (const double x : {0.0, 700.0, 30001.0, 99999.0})
    CHECK(value_at(curve, x)->y == Approx(value_at(plain, x)->y).margin(1e-12));
  // Where not each point has its mean taken, those that have show it.
  const auto place = place_on({0, 99999}, {-0.2, 0.2});
  const auto smooth = prepare(curve, place, 0.5f).smooth;
  CHECK(smooth.size() > 500);
  CHECK(smooth.size() < 2000);
  for (std::size_t i = 0; i < smooth.size(); i += 50) {
    const double x = place.x.value(smooth[i].x);
    CHECK(smooth[i].y == Approx(place.y.position(value_at(plain, x)->y)).margin(0.2));
  }
}

TEST_CASE("few points are drawn as they are") {
  const auto place = place_on({0, 10}, {0, 10});
  const DrawnCurve drawn = prepare(curve_of({{0, 1}, {5, 9}, {10, 2}}), place, 1);
  REQUIRE(drawn.raw.size() == 3);
  CHECK(drawn.raw[1].x == Approx(250));
  CHECK(drawn.raw[1].y == Approx(place.y.position(9)));
  CHECK(drawn.smooth.empty());
}

TEST_CASE("a zoomed curve reaches both edges") {
  std::vector<CurvePoint> points;
  for (int i = 0; i <= 100; ++i) points.push_back({i * 10.0, double(i)});
  const auto place = place_on({404, 596}, {0, 100});
  const DrawnCurve drawn = prepare(curve_of(points), place, 1);
  CHECK(drawn.raw.front().x <= place.area.x);
  CHECK(drawn.raw.back().x >= place.area.right());
  CHECK(drawn.raw.size() <= 22);
}

TEST_CASE("what is not finite, or not positive on a log axis, interrupts the line") {
  auto place = place_on({0, 4}, {0.1, 10});
  const auto count_gaps = [&](std::vector<CurvePoint> points) {
    int gaps = 0;
    for (const Point p : prepare(curve_of(std::move(points)), place, 1).raw) gaps += is_gap(p);
    return gaps;
  };
  CHECK(count_gaps({{0, 1}, {1, 1}, {2, 2}, {3, 1}, {4, 1}}) == 0);
  CHECK(count_gaps({{0, 1}, {1, 1}, {2, NAN}, {3, 1}, {4, 1}}) == 1);
  CHECK(count_gaps({{0, 1}, {1, INFINITY}, {2, NAN}, {3, 1}, {4, 1}}) == 1);
  place.y = Scale(ScaleKind::Log, {0.1, 10}, place.area.bottom(), place.area.y);
  CHECK(count_gaps({{0, 1}, {1, 1}, {2, 0}, {3, 1}, {4, -1}}) >= 1);
  CHECK(prepare(curve_of({}), place, 1).raw.empty());
}

TEST_CASE("smoothing is the centred mean over its window of steps") {
  const auto points = noise(300);
  const auto curve = curve_of(points, 21);
  const auto place = place_on({0, 299}, {-3, 3}, 3000);
  const DrawnCurve drawn = prepare(curve, place, 0.01f);
  REQUIRE(drawn.smooth.size() == 300);
  for (const int i : {0, 5, 150, 294, 299}) {
    double sum = 0;
    int count = 0;
    for (const auto& p : points)
      if (std::abs(p.x - i) <= 10.5) sum += p.y, ++count;
    CHECK(drawn.smooth[std::size_t(i)].y == Approx(place.y.position(sum / count)));
    CHECK(value_at(curve, i)->y == Approx(sum / count));
  }
}

TEST_CASE("a spike leaves nothing behind in the smoothed curve") {
  for (const std::size_t count : {300, 30000}) { // each point's mean, and that of some
    auto points = noise(count);
    points[50].y = 1e20;
    const auto curve = curve_of(points, 21);
    const auto place = place_on({0, double(count - 1)}, {-3, 3}, 3000);
    int compared = 0;
    for (const Point p : prepare(curve, place, 0.01f).smooth) {
      const double x = std::round(place.x.value(p.x));
      if (x < 70) continue; // the spike is in the window, or near its edge
      CHECK(std::abs(p.y - place.y.position(value_at(curve, x)->y)) < 0.01f);
      ++compared;
    }
    CHECK(compared > 200);
  }
}

TEST_CASE("zooming in does not change the smoothed curve") {
  const auto curve = curve_of(noise(5000), 101);
  const auto whole = place_on({0, 4999}, {-1, 1}, 50000), part = place_on({2000, 2100}, {-1, 1}, 1000);
  const auto all = prepare(curve, whole, 0.01f).smooth, zoomed = prepare(curve, part, 0.01f).smooth;
  REQUIRE(all.size() == 5000);
  for (const Point p : zoomed) {
    const auto step = std::size_t(std::lround(part.x.value(p.x)));
    CHECK(p.y == Approx(all[step].y).margin(0.01));
  }
}

TEST_CASE("reading a value off a curve") {
  const auto curve = curve_of({{0, 1}, {50, 2}, {100, 3}});
  CHECK(value_at(curve, 10)->y == 1);
  CHECK(value_at(curve, 26)->x == 50);
  CHECK(value_at(curve, 120)->y == 3); // within one interval of the end
  CHECK_FALSE(value_at(curve, 400));
  CHECK_FALSE(value_at(curve_of({}), 0));
  CHECK(curve.data.lower_bound(50) == 1);
  CHECK(curve.data.lower_bound(51) == 2);
  CHECK(curve.data.lower_bound(1000) == 3);
}

TEST_CASE("the range of a curve skips what cannot be drawn") {
  const auto data = CurveData::of({{0, -5}, {1, 3}, {2, NAN}, {3, INFINITY}, {4, 7}});
  CHECK(*y_extent(data, {}, false) == Range{-5, 7});
  CHECK(*y_extent(data, {}, true) == Range{3, 7});
  CHECK(*y_extent(data, Range{0.5, 2}, false) == Range{3, 3});
  CHECK_FALSE(y_extent(data, Range{2, 3}, false));
}

TEST_CASE("the cache gives the same and notices new data and a new view") {
  auto points = noise(1000);
  auto curve = curve_of(points);
  const auto place = place_on({0, 999}, {-4, 4});
  CurveCache cache;
  const auto first = cache.drawn(0, curve, place, 1).raw;
  CHECK(first == prepare(curve, place, 1).raw);
  CHECK(cache.extent(0, curve, {}, false) == y_extent(curve.data, {}, false));
  const auto zoomed = place_on({100, 200}, {-4, 4});
  CHECK(cache.drawn(0, curve, zoomed, 1).raw == prepare(curve, zoomed, 1).raw);
  points.push_back({1000, 50});
  curve.data = CurveData::of(points);
  CHECK(cache.extent(0, curve, {}, false)->high == 50);
  curve.smoothing = 11;
  CHECK_FALSE(cache.drawn(0, curve, zoomed, 1).smooth.empty());
}

TEST_CASE("one spike among a million points stays visible at any zoom and place") {
  auto points = noise(1000000);
  constexpr std::size_t at = 345678;
  points[at].y = 60;
  const Curve raw = curve_of(points), smoothed = curve_of(points, 1000);
  for (double width = 999999; width >= 10; width /= 7)
    for (const double share : {0.001, 0.5, 0.999}) { // where in the window it stands
      const double low = double(at) - share * width;
      const auto place = place_on({low, low + width}, {-70, 70}, 613);
      INFO(width << " steps, from " << low);
      for (const Curve* curve : {&raw, &smoothed}) {
        const auto drawn = prepare(*curve, place, 1);
        CHECK(drawn.raw.size() <= 2 * 620);
        CHECK(std::ranges::any_of(drawn.raw,
                                  [&](Point p) { return std::abs(p.y - place.y.position(60)) < 0.01f; }));
      }
    }
}

TEST_CASE("any kind of axis can be chosen for any data") {
  plateau::test::RecordingCanvas canvas;
  LinePlot plot;
  plot.x.at_least = Range{0, 1};
  plot.y.at_least = Range{0, 1};
  std::vector<CurvePoint> points;
  for (int i = 0; i <= 1000; i += 10) points.push_back({double(i), (i - 400) / 1000.0});
  plot.curves.push_back(curve_of(points));
  for (const ScaleKind x : {ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog})
    for (const ScaleKind y : {ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog})
      for (const bool zoomed : {false, true}) { // from a linear axis, beyond 0
        plot.x.kind = x, plot.y.kind = y;
        plot.x.range = zoomed ? std::optional(Range{-50, 500}) : std::nullopt;
        plot.y.range = zoomed ? std::optional(Range{-0.2, 0.5}) : std::nullopt;
        const auto place = layout(plot, canvas, {0, 0, 400, 300}, PlotStyle{});
        INFO(to_string(x) << " " << to_string(y) << " " << zoomed);
        CHECK(place.x.range().length() < 2000);
        CHECK(place.y.range().length() < 3);
        CHECK(std::isfinite(place.x.position(300)));
        CHECK(place.x_ticks.size() >= 2);
        CHECK(place.y_ticks.size() >= 2);
        if (x == ScaleKind::Log) CHECK(place.x.range().low > 0);
        if (y == ScaleKind::Log) CHECK(place.y.range().low > 0);
        if (x == ScaleKind::SymLog) CHECK(place.x.linear_below() == 1); // of steps always
        if (y == ScaleKind::SymLog) CHECK(place.y.linear_below() == Approx(0.01));
        CHECK_FALSE(prepare(plot.curves[0], place, 1).raw.empty());
      }
  // Nothing above 0 at all.
  for (auto& point : points) point.y = 0;
  plot.curves[0] = curve_of(points);
  plot.y.kind = ScaleKind::Log, plot.y.range.reset(), plot.y.at_least.reset();
  const auto place = layout(plot, canvas, {0, 0, 400, 300}, PlotStyle{});
  CHECK(place.y.range() == nice_range({0.1, 1}, ScaleKind::Log));
}
