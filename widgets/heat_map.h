// A matrix as coloured cells, and grids of them (layers x heads).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "widgets/axis.h"
#include "widgets/canvas.h"
#include "widgets/color_map.h"
#include "widgets/theme.h"

namespace plateau::widgets {

/// [rows, columns], row-major, row 0 on top.
struct HeatMap {
  int rows = 0, columns = 0;
  std::vector<float> values;
  ColorMap map = ColorMap::Viridis;
  Range range{0, 1};              // colours of the ends
  double gamma = 1;               // colour at t^gamma: < 1 lifts small values
  std::string title;              // above
  std::string x_label, y_label;   // along the edges
  std::vector<std::string> texts; // one per cell, written inside where there is room; empty: none
  bool blank_missing = false;     // cells that are not a number: nothing instead of grey
  ImagePtr image;                 // made by finish()

  float at(int row, int column) const { return values[std::size_t(row) * columns + column]; }
  /// Colours the cells. Call once after filling in the rest.
  void finish();
};

/// Smallest and largest finite value; {0, 1} when there is none.
Range value_range(std::span<const float> values);
/// Symmetric about zero.
Range symmetric_range(std::span<const float> values);

/// The largest rectangle inside `outer` with square cells; all of `outer` with `stretch`.
Rect cells_area(const HeatMap& map, const Rect& outer, bool stretch = false);

void draw(Canvas& canvas, const HeatMap& map, const Rect& cells, const PlotStyle& style);

struct Cell {
  int row = 0, column = 0;
  bool operator==(const Cell&) const = default;
};
std::optional<Cell> cell_at(const HeatMap& map, const Rect& cells, Point point);

/// A strip that explains the colours, with ticks to its right.
struct ColorBar {
  ColorMap map = ColorMap::Viridis;
  Range range{0, 1};
  double gamma = 1;
  std::string title;
  NumberStyle numbers = NumberStyle::Plain;
  Range part{0, 1}; // of the map: a theme's ground may swallow one of its ends
};
/// Colour at t in 0..1 of the bar.
Color bar_color(const ColorBar& bar, double t);
float color_bar_width(Canvas& canvas, const ColorBar& bar, const PlotStyle& style);
void draw(Canvas& canvas, const ColorBar& bar, const Rect& outer, const PlotStyle& style);

/// Heat maps in a grid with captions for rows and columns. Cells' own titles and labels below have room.
struct HeatMapGrid {
  std::string title;
  std::vector<std::string> row_captions, column_captions;
  std::vector<HeatMap> cells; // [row_captions, column_captions]; one with rows == 0 stays empty
  std::optional<ColorBar> bar;
  std::string x_label, y_label; // of every cell, written once
  bool stretch = false;
  std::string empty_text = "No data yet";
};
struct HeatMapGridLayout {
  Rect outer;
  std::vector<Rect> areas; // one per cell, the cells' exact rectangle
  std::optional<Rect> bar;
};
HeatMapGridLayout layout(const HeatMapGrid& grid, Canvas& canvas, const Rect& outer, const PlotStyle& style);
void draw(Canvas& canvas, const HeatMapGrid& grid, const HeatMapGridLayout& layout, const PlotStyle& style);
void draw(Canvas& canvas, const HeatMapGrid& grid, const Rect& outer, const PlotStyle& style);

} // namespace plateau::widgets
