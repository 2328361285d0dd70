// Points in the plane, coloured by a third number where there is one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/heat_map.h"
#include "widgets/line_plot.h"

namespace plateau::widgets {

struct Scatter {
  std::string title;
  AxisOptions x, y;
  std::vector<CurvePoint> points;
  /// One per point: its colour in the map; later points lie on top. Empty: all in `color`.
  std::vector<double> shades;
  Color color;
  ColorBar bar;                    // map and title of the shades; its range is fitted where they are given
  std::vector<std::string> labels; // one per point, beside it; empty: none. The tooltip tells it
  bool draw_labels = true;         // where there is room; false: in the tooltip alone
  bool same_scale = false;         // one unit is as long on both axes: a circle is round
  std::vector<CurvePoint> line;    // behind the points, for example the diagonal
  Dash line_dash = Dash::Dashed;
  std::string note;               // a line below the title
  bool note_beside_title = false; // where height is scarce
  std::string empty_text = "No data yet";
};

/// Points that the axes have a place for: finite, and above 0 on a logarithmic one.
bool is_shown(const Scatter& scatter, CurvePoint point);

struct ScatterLayout {
  PlotLayout plot;
  Point title, note;
  float text_width = 0, note_width = 0; // at most
  std::optional<Rect> bar;
  Range shades;
};
ScatterLayout layout(const Scatter& scatter, Canvas& canvas, const Rect& outer, const PlotStyle& style);
void draw(Canvas& canvas, const Scatter& scatter, const ScatterLayout& layout, const PlotStyle& style);
void draw(Canvas& canvas, const Scatter& scatter, const Rect& outer, const PlotStyle& style);

/// Index of the shown point nearest to `at`, at most `within` away.
std::optional<std::size_t> point_at(const Scatter& scatter, const ScatterLayout& layout, Point at,
                                    float within);

} // namespace plateau::widgets
