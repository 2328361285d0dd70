// A line plot as a pure description, laid out once and drawn on any canvas.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "widgets/axis.h"
#include "widgets/canvas.h"
#include "widgets/theme.h"

namespace plateau::widgets {

struct CurvePoint {
  double x = 0, y = 0;
};

/// What points in a row come to: the first of the lowest and of the highest, sum and number of finite y.
struct CurveBlock {
  CurvePoint low, high;
  double sum = 0;
  std::size_t finite = 0;
};

/// Read-only points with ascending x, wherever they are kept: `read` copies `count` of them from `begin` on.
/// `owner` keeps them alive. Points whose y is not finite interrupt the line.
struct CurveData {
  std::shared_ptr<const void> owner;
  std::size_t size = 0;
  void (*read)(const void* owner, std::size_t begin, std::size_t count, CurvePoint* out) = nullptr;
  /// Equal for data with the same points, so that plots built again from the same snapshot stay cached.
  const void* identity = nullptr;
  /// Long data may know what `block_size` points in a row come to, so that not each is read: of block `i`,
  /// which begins at point i * block_size - lead. Only blocks that lie inside the data are asked for.
  CurveBlock (*block)(const void* owner, std::size_t i) = nullptr;
  std::size_t block_size = 0, lead = 0;

  CurvePoint at(std::size_t i) const;
  /// Index of the first point with x >= `x`; size when there is none.
  std::size_t lower_bound(double x) const;
  static CurveData of(std::vector<CurvePoint> points);
};

struct Curve {
  std::string label;
  Color color;
  CurveData data;
  Dash dash = Dash::Solid;
  float width = 1; // times PlotStyle::line
  /// Centred running mean over this many units of x; 0: none. The raw curve then stands faintly behind it.
  double smoothing = 0;
  bool markers = false; // a dot on each point while they are far enough apart
  bool rings = false;   // a ring around each point and no line: sets points of another curve apart
  bool in_legend = true;
  std::string group; // curves of one group are shown and hidden together and share a legend entry; "": label
  std::string kind;  // "train", "validation": a second way to hide curves, told apart by their dashes
  std::string kind_note; // after the kind in the legend: "mean of 50 steps"
};

/// Area between two curves that share their x, for example minimum and maximum over seeds.
struct Band {
  Color color;
  std::vector<double> x, low, high;
  std::string group;
};

/// A labelled horizontal line.
struct HorizontalGuide {
  double y = 0;
  std::string label;
  std::string kind; // belongs to the curves of this kind, hidden with them
  Dash dash = Dash::Dashed;
};

/// A vertical mark with an optional label on top.
struct VerticalMark {
  double x = 0;
  Color color;
  std::string label;
  Dash dash = Dash::Dashed;
  std::string note = {}; // the whole text, told under the mouse; empty: the label
  bool remark = false;   // what a person has written: a fainter line with a small flag
};

/// A shaded range of x; with a lane (0, 1, ...) a thin bar below the plot's upper edge instead, so that spans
/// of several members can be told apart.
struct Span {
  Range x;
  Color color;
  std::string label;
  int lane = -1;
  std::string note = {}; // told under the mouse
  int id = -1;           // for the caller, who it is
  bool movable = false;  // its ends can be dragged
};

struct AxisOptions {
  std::string title;
  ScaleKind kind = ScaleKind::Linear;
  NumberStyle numbers = NumberStyle::Plain;
  std::optional<Range> range = {};    // fitted when empty
  std::optional<Range> at_least = {}; // a fitted range includes this
  std::optional<Range> at_most = {};  // a fitted range is cut to this
};

enum class LegendPlace { None, Inside, Above };

struct LinePlot {
  std::string title; // none when empty
  AxisOptions x{.title = "step", .numbers = NumberStyle::Steps};
  AxisOptions y;
  std::vector<Curve> curves;
  std::vector<Band> bands;
  std::vector<HorizontalGuide> guides;
  std::vector<VerticalMark> marks;
  std::vector<Span> spans;
  std::optional<double> playhead; // a vertical line with a handle
  LegendPlace legend = LegendPlace::Above;
  std::string empty_text = "No data yet"; // shown while there is no point
};

/// Names of legend entries that are switched off: groups and kinds.
using Hidden = std::set<std::string>;
const std::string& group_of(const Curve& curve);
bool is_hidden(const Curve& curve, const Hidden& hidden);

struct LegendEntry {
  Rect area;
  std::string name; // a group or a kind
  std::string label;
  Color color;
  Dash dash = Dash::Solid;
  bool is_kind = false;
  bool hidden = false;
  bool ring = false; // instead of a line
};

/// Everything that depends on the size: where the axes are and what they say.
struct PlotLayout {
  Rect outer;
  Rect area; // inside the axes
  Scale x{ScaleKind::Linear, {0, 1}, 0, 1};
  Scale y{ScaleKind::Linear, {0, 1}, 1, 0};
  std::vector<Tick> x_ticks, y_ticks;
  std::vector<LegendEntry> legend;
  struct MarkLabel {
    std::size_t mark; // index into LinePlot::marks
    Rect area;
  };
  std::vector<MarkLabel> mark_labels; // those for which there is room, above the area
  Point x_title, y_title, title;
  bool has_x_title = true; // false where there is no room
  bool empty = true;       // no curve has a point
};

/// Points of one curve as they are drawn: at most two per pixel column, its extremes; NaN separates
/// pieces.
struct DrawnCurve {
  std::vector<Point> raw;
  std::vector<Point> smooth; // empty without smoothing
};
DrawnCurve prepare(const Curve& curve, const PlotLayout& layout, float resolution);

/// Smallest and largest finite y (> 0 only with `positive`) of the points inside `x`; empty without any.
std::optional<Range> y_extent(const CurveData& data, std::optional<Range> x, bool positive);

/// Smallest (beside 0) and largest magnitude of the finite y; empty when all are 0.
std::optional<Range> magnitudes(const CurveData& data);

/// Keeps prepared curves and extents between frames for as long as neither data nor view change.
class CurveCache {
public:
  const DrawnCurve& drawn(std::size_t index, const Curve& curve, const PlotLayout& layout, float resolution);
  std::optional<Range> extent(std::size_t index, const Curve& curve, std::optional<Range> x, bool positive);
  std::optional<Range> sizes(std::size_t index, const Curve& curve); // its magnitudes

private:
  struct Entry;
  Entry& entry(std::size_t index);
  std::vector<std::shared_ptr<Entry>> entries_;
};

/// `left_margin` > 0 fixes the width of the y axis's labels, so that plots above one another line up.
PlotLayout layout(const LinePlot& plot, Canvas& canvas, const Rect& outer, const PlotStyle& style,
                  const Hidden& hidden = {}, float left_margin = 0, CurveCache* cache = nullptr);

/// Legend entries in rows from `at` on, as layout() places them; `height` receives their height with the
/// space below. For one legend above several plots.
std::vector<LegendEntry> legend_rows(const LinePlot& plot, Canvas& canvas, Point at, float width,
                                     const PlotStyle& style, float& height);
void draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, const PlotStyle& style);

/// Width that the y axis's labels and title take.
float left_margin(const LinePlot& plot, Canvas& canvas, const Rect& outer, const PlotStyle& style);

void draw(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style,
          const Hidden& hidden = {}, CurveCache* cache = nullptr);
/// Layout and drawing in one.
void draw(Canvas& canvas, const LinePlot& plot, const Rect& outer, const PlotStyle& style);

/// What lies under and over the curves, for plots that draw something else inside the axes.
void draw_ground(Canvas& canvas, const PlotLayout& layout, const PlotStyle& style);
void draw_frame(Canvas& canvas, const LinePlot& plot, const PlotLayout& layout, const PlotStyle& style);

/// Where a span is drawn: a shade over the whole height, or a bar in its lane; without area where it is out
/// of sight.
Rect span_area(const Span& span, const PlotLayout& layout, const PlotStyle& style);

/// The value a reader sees at `x`: of the nearest point (smoothed where the curve is), empty outside.
std::optional<CurvePoint> value_at(const Curve& curve, double x);

/// Smallest ranges that hold every visible curve (y: within `x` where given).
std::optional<Range> fit_x(const LinePlot& plot, const Hidden& hidden = {});
std::optional<Range> fit_y(const LinePlot& plot, std::optional<Range> x, const Hidden& hidden = {},
                           CurveCache* cache = nullptr);

} // namespace plateau::widgets
