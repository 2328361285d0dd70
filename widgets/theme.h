// Colours of the window and of plots, and the sizes that plots are drawn with.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string_view>

#include "widgets/color_map.h"
#include "widgets/geometry.h"

namespace plateau::widgets {

struct Theme {
  bool dark = false;
  Color background; // behind panels
  Color panel;      // panels, plots
  Color raised;     // buttons, table headers, popups, tooltips
  Color border;
  Color text, dim_text;
  Color grid, axis;
  Color accent, on_accent; // primary buttons, playhead, selection; text on it
  Color good, warning, error;
  Color plateau;                // shade over a plateau, translucent
  Color eureka;                 // mark of a Eureka-moment
  std::array<Color, 8> members; // qualitative, safe for colour-blind readers, readable on `panel`
  std::map<std::size_t, Color> chosen = {}; // a person's own colours of members, by id
};

const Theme& dark_theme();
const Theme& light_theme();
/// Light on white, for paper.
const Theme& print_theme();

/// The member's own colour, or one of the palette by its id, which repeats after eight.
Color member_color(const Theme& theme, std::size_t id);
/// Shades for the lines of one panel that differ in an ordered way (layers): from dim to strong.
Color ordered_color(const Theme& theme, std::size_t index, std::size_t count);

/// For heat maps of one sign: nothing is the colour of the ground, much stands out.
ColorMap sequential_map(const Theme& theme);

/// Sizes in canvas units.
struct PlotStyle {
  Theme theme;
  float label = 12;   // tick labels, legend
  float title = 13;   // axis titles, captions
  float heading = 15; // title of a plot or figure
  float line = 1.75f; // a curve
  float hairline = 1; // axes, grid
  float tick = 4;
  float gap = 6;            // between things
  float marker = 3;         // radius
  bool transparent = false; // leave out the panel colour behind the plot
};

/// For the window; `scale` = font scale x display scale.
PlotStyle screen_style(const Theme& theme, float scale);
/// For paper, in points; 1 is a 7 pt tick label (what journals ask for).
PlotStyle print_style(const Theme& theme, float scale = 1);

/// Colours, rounding and spacing of all ImGui widgets.
void apply_to_imgui(const Theme& theme, float scale);

} // namespace plateau::widgets
