#include "tests/catch.h"

#include <cmath>

#include "tests/widgets/recording_canvas.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/line_plot.h"

using namespace plateau::widgets;
using plateau::test::RecordingCanvas;

namespace {

LinePlot sample_plot(Range x, Range y) {
  LinePlot plot;
  plot.y.title = "loss";
  for (const char* name : {"ViT", "ViT (twin)", "NormSoftmax · seed 12", "CNN baseline"}) {
    Curve curve;
    curve.label = name;
    curve.kind = plot.curves.size() % 2 ? "validation" : "train";
    curve.data = CurveData::of({{x.low, y.low}, {(x.low + x.high) / 2, y.high}, {x.high, y.low}});
    plot.curves.push_back(std::move(curve));
  }
  return plot;
}

bool inside(const Rect& inner, const Rect& outer) {
  return inner.x >= outer.x - 0.5f && inner.y >= outer.y - 0.5f && inner.right() <= outer.right() + 0.5f &&
         inner.bottom() <= outer.bottom() + 0.5f;
}

} // namespace

TEST_CASE("no text overlaps another or leaves the plot, for many ranges and sizes") {
  const auto x_kind = GENERATE(ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog);
  const auto y_kind = GENERATE(ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog);
  const auto size = GENERATE(Size{180, 120}, Size{260, 200}, Size{400, 230}, Size{900, 500});
  const Range x_ranges[] = {{1, 40}, {1, 6000}, {3, 117000}, {1, 2500000}};
  const Range y_ranges[] = {{0.5, 2.3}, {0.0123, 0.0127}, {1e-9, 1e-3}, {1, 80000}, {0.98, 0.99}};
  for (const Range x : x_ranges)
    for (const Range y : y_ranges) {
      LinePlot plot = sample_plot(x, y);
      plot.x.kind = x_kind;
      plot.y.kind = y_kind;
      plot.marks = {{x.low + 0.4 * x.length(), {}, "Eureka-moment"},
                    {x.low + 0.45 * x.length(), {}, "switched"},
                    {x.low + 0.5 * x.length(), {}, "third mark"},
                    {x.high, {}, "end"}};
      RecordingCanvas canvas;
      const Rect outer{10, 20, size.width, size.height};
      draw(canvas, plot, outer, screen_style(dark_theme(), 1));
      INFO(size.width << "x" << size.height << " x to " << x.high << ", y " << y.low << " to " << y.high);
      CHECK(canvas.clips == 0);
      for (std::size_t a = 0; a < canvas.texts.size(); ++a) {
        const auto& text = canvas.texts[a];
        INFO(text.text);
        CHECK(inside(text.box, outer));
        for (std::size_t b = 0; b < a; ++b) {
          INFO(canvas.texts[b].text);
          CHECK_FALSE(text.box.overlaps(canvas.texts[b].box));
        }
      }
    }
}

TEST_CASE("curves lie where the ticks say") {
  RecordingCanvas canvas;
  LinePlot plot = sample_plot({0, 1000}, {0, 2});
  plot.y.range = Range{0, 2};
  const auto place = layout(plot, canvas, {0, 0, 600, 400}, screen_style(light_theme(), 1));
  draw(canvas, plot, place, screen_style(light_theme(), 1));
  const auto tick = [&](const char* label) {
    for (const auto& text : canvas.texts)
      if (text.text == label) return text.box.center();
    FAIL("no tick " << label);
    return Point{};
  };
  const auto curve = std::find_if(canvas.lines.begin(), canvas.lines.end(),
                                  [](const auto& line) { return line.points.size() == 3; });
  REQUIRE(curve != canvas.lines.end());
  CHECK(curve->points[0].x == Approx(tick("0").x).margin(1));
  CHECK(curve->points[1].y == Approx(tick("2.00").y).margin(1));
  CHECK(curve->points[2].x == Approx(tick("1\u202f000").x).margin(1));
  CHECK(curve->points[2].y == Approx(place.area.bottom()).margin(1));
}

TEST_CASE("hidden groups and kinds are not drawn and do not count for the range") {
  RecordingCanvas canvas;
  LinePlot plot = sample_plot({0, 10}, {0, 1});
  plot.curves[1].data = CurveData::of({{0, 0}, {10, 500}});
  CHECK(fit_y(plot, {})->high == 500);
  CHECK(fit_y(plot, {}, {"ViT (twin)"})->high == 1);
  CHECK(fit_y(plot, {}, {"validation"})->high == 1);
  const auto style = screen_style(light_theme(), 1);
  const auto place = layout(plot, canvas, {0, 0, 600, 300}, style, {"validation"});
  int hidden = 0;
  for (const auto& entry : place.legend) hidden += entry.hidden;
  CHECK(hidden == 1);
  CHECK(place.legend.size() == 6); // four members, two kinds
  draw(canvas, plot, place, style, {"validation"});
  int drawn = 0;
  for (const auto& line : canvas.lines) drawn += line.points.size() == 3;
  CHECK(drawn == 2);
}

TEST_CASE("guides belong to the range and go with their kind") {
  RecordingCanvas canvas;
  LinePlot plot = sample_plot({0, 10}, {0.8, 1});
  plot.guides = {{0.5, "floor", "train"}};
  CHECK(fit_y(plot, {})->low == 0.5);
  CHECK(fit_y(plot, {}, {"train"})->low == 0.8);
  draw(canvas, plot, Rect{0, 0, 500, 300}, screen_style(light_theme(), 1));
  const auto label =
      std::find_if(canvas.texts.begin(), canvas.texts.end(), [](const auto& t) { return t.text == "floor"; });
  CHECK(label != canvas.texts.end());
}

TEST_CASE("limits of an axis") {
  RecordingCanvas canvas;
  LinePlot plot = sample_plot({0, 10}, {0.3, 0.9});
  plot.y.at_least = plot.y.at_most = Range{0, 1};
  const auto place = layout(plot, canvas, {0, 0, 500, 300}, screen_style(light_theme(), 1));
  CHECK(place.y.range() == Range{0, 1});
  CHECK(place.x.range() == Range{0, 10});
}

TEST_CASE("an empty plot says so, a tiny one survives") {
  RecordingCanvas canvas;
  LinePlot plot;
  plot.empty_text = "Press play";
  draw(canvas, plot, Rect{0, 0, 400, 200}, screen_style(light_theme(), 1));
  CHECK(std::any_of(canvas.texts.begin(), canvas.texts.end(),
                    [](const auto& t) { return t.text == "Press play"; }));
  for (const Size size : {Size{1, 1}, Size{30, 10}, Size{5, 300}})
    draw(canvas, sample_plot({0, 10}, {0, 1}), Rect{0, 0, size.width, size.height},
         screen_style(light_theme(), 1));
  CHECK(canvas.clips == 0);
}

TEST_CASE("plots above one another line up with a common margin") {
  RecordingCanvas canvas;
  const auto style = screen_style(light_theme(), 1);
  const Rect outer{0, 0, 500, 300};
  const auto narrow = sample_plot({0, 10}, {0, 9}), wide = sample_plot({0, 10}, {1e-9, 1.5e-9});
  const float margin =
      std::max(left_margin(narrow, canvas, outer, style), left_margin(wide, canvas, outer, style));
  CHECK(left_margin(narrow, canvas, outer, style) < left_margin(wide, canvas, outer, style));
  CHECK(layout(narrow, canvas, outer, style, {}, margin).area.x ==
        layout(wide, canvas, outer, style, {}, margin).area.x);
}

TEST_CASE("a legend's labels are shortened where more curves are named that way") {
  LinePlot plot;
  for (const char* name :
       {"labels anew (3 seeds)", "extra weights loss (3 seeds)", "mixed training (3 seeds)",
        "weights warm-up (3 seeds)", "fixed labels only (3 seeds)"}) {
    Curve curve;
    curve.label = name;
    curve.data = CurveData::of({{0, 1}, {10, 2}});
    plot.curves.push_back(curve);
  }
  RecordingCanvas canvas;
  const PlotStyle style;
  const auto names = [&](float width) {
    std::vector<std::string> shown;
    const auto placed = layout(plot, canvas, {0, 0, width, 300}, style);
    for (std::size_t i = 0; i < placed.legend.size(); ++i) {
      shown.push_back(placed.legend[i].label);
      CHECK(placed.legend[i].area.right() <= width);
      for (std::size_t j = 0; j < i; ++j) {
        const auto &a = placed.legend[i].area, &b = placed.legend[j].area;
        CHECK((a.x >= b.right() || b.x >= a.right() || a.y >= b.bottom() || b.y >= a.bottom()));
      }
    }
    return shown;
  };
  CHECK(names(1200).size() == 5);
  CHECK(names(1200).front() == "labels anew (3 seeds)");
  CHECK(names(300).size() == 5);
  CHECK(names(300).front() == "labels anew");
  CHECK(names(120).size() == 3); // one below the other, and no more room
}

TEST_CASE("maps of a grid are square-celled, equal and apart") {
  HeatMapGrid grid;
  grid.row_captions = {"layer 1", "layer 2", "layer 3"};
  grid.column_captions = {"head 1", "head 2", "head 3", "head 4"};
  for (int i = 0; i < 12; ++i) {
    HeatMap map;
    map.rows = 17, map.columns = 17;
    map.values.assign(17 * 17, 0.1f);
    map.finish();
    grid.cells.push_back(map);
  }
  grid.bar = ColorBar{ColorMap::Ink, {0, 1}, 1, "a"};
  for (const Size size : {Size{300, 200}, Size{800, 300}, Size{300, 700}}) {
    RecordingCanvas canvas;
    const Rect outer{5, 5, size.width, size.height};
    const auto place = layout(grid, canvas, outer, screen_style(dark_theme(), 1));
    REQUIRE(place.areas.size() == 12);
    for (std::size_t a = 0; a < 12; ++a) {
      CHECK(place.areas[a].width == Approx(place.areas[a].height));
      CHECK(inside(place.areas[a], outer));
      CHECK_FALSE(place.areas[a].overlaps(*place.bar));
      for (std::size_t b = 0; b < a; ++b) CHECK_FALSE(place.areas[a].overlaps(place.areas[b]));
    }
    CHECK(inside(*place.bar, outer));
    draw(canvas, grid, place, screen_style(dark_theme(), 1));
    CHECK(canvas.images.size() == 13); // twelve maps and the bar
  }
}

TEST_CASE("a heat map's pixels and cells") {
  HeatMap map;
  map.rows = 2, map.columns = 3;
  map.values = {0, 0.5f, 1, NAN, 2, -1};
  map.map = ColorMap::Viridis;
  map.finish();
  const auto pixel = [&](std::size_t i) {
    const auto* p = &map.image->rgba()[4 * i];
    return rgb(std::uint32_t(p[0]) << 16 | std::uint32_t(p[1]) << 8 | p[2]);
  };
  CHECK(map.image->width() == 3);
  CHECK(pixel(0) == rgb(0x440154));
  CHECK(pixel(2) == rgb(0xfde725));
  CHECK(pixel(3) == rgb(0x808080));
  CHECK(pixel(4) == pixel(2)); // beyond the range
  CHECK(pixel(5) == pixel(0));
  const Rect cells = cells_area(map, {0, 0, 300, 100});
  CHECK(cells == Rect{75, 0, 150, 100});
  CHECK(cell_at(map, cells, {76, 99}) == Cell{1, 0});
  CHECK(cell_at(map, cells, {224, 1}) == Cell{0, 2});
  CHECK_FALSE(cell_at(map, cells, {20, 50}));
  CHECK(value_range(map.values) == Range{-1, 2});
  CHECK(symmetric_range(map.values) == Range{-2, 2});
  CHECK(value_range({}) == Range{0, 1});
}

TEST_CASE("pictures that look the same share a key") {
  const std::vector<float> planes(3 * 2 * 2, 0.5f), other(3 * 2 * 2, 0.6f);
  CHECK(image_from_planes(planes, 3, 2, 2)->key() == image_from_planes(planes, 3, 2, 2)->key());
  CHECK(image_from_planes(planes, 3, 2, 2)->key() != image_from_planes(other, 3, 2, 2)->key());
  const std::vector<float> tall(4, 0.5f);
  CHECK(image_from_planes(tall, 1, 4, 1)->key() != image_from_planes(tall, 1, 1, 4)->key());
}

TEST_CASE("quantiles of a histogram") {
  const std::vector<float> shares = {0, 0.5f, 0.25f, 0.25f};
  const Range range{0, 4};
  CHECK(quantile(shares, range, 0.25) == Approx(1.5));
  CHECK(quantile(shares, range, 0.5) == Approx(2));
  CHECK(quantile(shares, range, 0.75) == Approx(3));
  CHECK(quantile(shares, range, 1) == Approx(4));
  CHECK(std::isnan(quantile({0, 0}, range, 0.5)));
}

TEST_CASE("a history's picture shows each recorded step where it belongs") {
  HistogramHistory history;
  history.range = {0, 2};
  history.steps = {0, 10, 40}; // uneven
  history.shares = {{1, 0}, {0, 1}, {1, 0}};
  history.finish();
  REQUIRE(history.image);
  CHECK(history.image->width() == 5); // one column per ten steps
  CHECK(history.image->height() == 2);
  const auto bright = [&](int column, int row) {
    return history.image->rgba()[4 * std::size_t(row * 5 + column)] ==
           std::uint8_t(std::lround(color_at(history.map, 1).r * 255));
  };
  CHECK(bright(0, 1)); // low bins at the bottom
  CHECK(bright(1, 0));
  CHECK(bright(2, 0)); // step 20 is nearest to 10
  CHECK(bright(4, 1));
  HistogramHistory one;
  one.steps = {0};
  one.shares = {{1, 0}};
  one.finish();
  CHECK_FALSE(one.image);
}
