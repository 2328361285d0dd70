#include "widgets/heat_map.h"

#include <array>
#include <cmath>

#include "widgets/drawn_values.h"

namespace plateau::widgets {

void HeatMap::finish() {
  // A table of colours by value saves the powers of gamma.
  constexpr int shades = 1024;
  std::vector<std::array<std::uint8_t, 4>> table;
  const auto bytes = [](Color c) {
    const auto byte = [](float v) { return std::uint8_t(std::lround(v * 255)); };
    return std::array<std::uint8_t, 4>{byte(c.r), byte(c.g), byte(c.b), 255};
  };
  for (int i = 0; i < shades; ++i)
    table.push_back(bytes(color_at(map, std::pow(i / double(shades - 1), gamma))));
  auto missing = bytes(color_at(map, NAN));
  if (blank_missing) missing[3] = 0;
  const double scale = range.length() > 0 ? (shades - 1) / range.length() : 0;
  std::vector<std::uint8_t> rgba;
  rgba.reserve(values.size() * 4);
  for (const float value : values) {
    const auto shade =
        std::isfinite(value) ? std::clamp((value - range.low) * scale + 0.5, 0.0, shades - 1.0) : 0;
    const auto& pixel = std::isfinite(value) ? table[std::size_t(shade)] : missing;
    rgba.insert(rgba.end(), pixel.begin(), pixel.end());
  }
  image = std::make_shared<Image>(columns, rows, std::move(rgba));
}

Range value_range(std::span<const float> values) {
  Range range{INFINITY, -INFINITY};
  for (const float v : values)
    if (std::isfinite(v)) range = {std::min(range.low, double(v)), std::max(range.high, double(v))};
  if (range.low > range.high) return {0, 1};
  if (range.low == range.high) range.high = range.low + 1;
  return range;
}

Range symmetric_range(std::span<const float> values) {
  const Range range = value_range(values);
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  return {-size, size};
}

Rect cells_area(const HeatMap& map, const Rect& outer, bool stretch) {
  if (stretch || map.rows == 0 || map.columns == 0) return outer;
  const float cell = std::min(outer.width / float(map.columns), outer.height / float(map.rows));
  const Size size{cell * float(map.columns), cell * float(map.rows)};
  return {outer.x + (outer.width - size.width) / 2, outer.y + (outer.height - size.height) / 2, size.width,
          size.height};
}

namespace {

void draw_texts(Canvas& canvas, const HeatMap& map, const Rect& cells, const PlotStyle& style) {
  const float width = cells.width / float(map.columns), height = cells.height / float(map.rows);
  float widest = 0;
  for (const auto& text : map.texts) widest = std::max(widest, canvas.measure(text, style.label).width);
  if (widest > width * 0.94f || style.label > height * 0.94f) return;
  for (int row = 0; row < map.rows; ++row)
    for (int column = 0; column < map.columns; ++column) {
      const auto i = std::size_t(row * map.columns + column);
      if (i >= map.texts.size()) return;
      const double t = (map.values[i] - map.range.low) / map.range.length();
      const bool light =
          std::isfinite(t) && lightness(color_at(map.map, std::pow(std::clamp(t, 0.0, 1.0), map.gamma))) > 55;
      const Color ink = !std::isfinite(t) ? style.theme.dim_text : light ? rgb(0x10141b) : rgb(0xffffff);
      canvas.text({cells.x + (float(column) + 0.5f) * width, cells.y + (float(row) + 0.5f) * height},
                  map.texts[i],
                  {.size = style.label,
                   .color = ink,
                   .horizontal = Horizontal::Center,
                   .vertical = Vertical::Middle});
    }
}

} // namespace

void draw(Canvas& canvas, const HeatMap& map, const Rect& cells, const PlotStyle& style) {
  if (map.image) canvas.image(cells, *map.image, Interpolation::Nearest);
  draw_texts(canvas, map, cells, style);
  canvas.stroke_rect(cells, {style.theme.border, style.hairline});
  const TextStyle caption{
      .size = style.label, .color = style.theme.dim_text, .horizontal = Horizontal::Center};
  if (!map.title.empty()) {
    TextStyle title = caption;
    title.color = style.theme.text;
    canvas.text({cells.center().x, cells.y - style.gap * 0.7f}, map.title, title);
  }
  if (!map.x_label.empty())
    canvas.text({cells.center().x, cells.bottom() + style.gap * 0.5f + style.label}, map.x_label, caption);
  if (!map.y_label.empty()) {
    TextStyle side = caption;
    side.upwards = true;
    canvas.text({cells.x - style.gap * 0.8f, cells.center().y}, map.y_label, side);
  }
}

std::optional<Cell> cell_at(const HeatMap& map, const Rect& cells, Point point) {
  if (map.rows == 0 || map.columns == 0 || !cells.contains(point)) return std::nullopt;
  const int row = int((point.y - cells.y) / cells.height * float(map.rows));
  const int column = int((point.x - cells.x) / cells.width * float(map.columns));
  return Cell{std::min(row, map.rows - 1), std::min(column, map.columns - 1)};
}

namespace {

std::vector<Tick> bar_ticks(const ColorBar& bar, float height, const PlotStyle& style) {
  const Scale scale(ScaleKind::Linear, bar.range, height, 0);
  return ticks(scale, std::max(2, int(height / (style.label * 3))), bar.numbers);
}

bool any_cell(const HeatMapGrid& grid, std::string HeatMap::*text) {
  return std::ranges::any_of(grid.cells, [&](const HeatMap& map) { return !(map.*text).empty(); });
}

} // namespace

Color bar_color(const ColorBar& bar, double t) {
  return color_at(bar.map, bar.part.low + bar.part.length() * std::pow(std::clamp(t, 0.0, 1.0), bar.gamma));
}

float color_bar_width(Canvas& canvas, const ColorBar& bar, const PlotStyle& style) {
  float labels = 0;
  // The height is not known yet; a tall bar's labels have the most decimals.
  for (const Tick& tick : bar_ticks(bar, style.label * 60, style))
    labels = std::max(labels, canvas.measure(tick.label, style.label).width);
  return style.label * 0.9f + style.gap + labels + (bar.title.empty() ? 0 : style.title * 1.6f);
}

void draw(Canvas& canvas, const ColorBar& bar, const Rect& outer, const PlotStyle& style) {
  const Rect strip{outer.x, outer.y, style.label * 0.9f, outer.height};
  std::vector<std::uint8_t> rgba;
  for (int i = 0; i < 256; ++i) {
    const Color c = bar_color(bar, (255 - i) / 255.0);
    for (const float v : {c.r, c.g, c.b, 1.f}) rgba.push_back(std::uint8_t(std::lround(v * 255)));
  }
  canvas.image(strip, Image(1, 256, std::move(rgba)), Interpolation::Linear);
  canvas.stroke_rect(strip, {style.theme.border, style.hairline});
  const Scale scale(ScaleKind::Linear, bar.range, strip.bottom(), strip.y);
  for (const Tick& tick : bar_ticks(bar, outer.height, style)) {
    const float y = scale.position(tick.value);
    canvas.line({strip.right(), y}, {strip.right() + style.tick * 0.6f, y},
                {style.theme.axis, style.hairline});
    canvas.text({strip.right() + style.gap, y}, tick.label,
                {.size = style.label, .color = style.theme.dim_text, .vertical = Vertical::Middle});
  }
  canvas.text(
      {outer.right() - style.title * 0.2f, outer.center().y}, bar.title,
      {.size = style.title, .color = style.theme.text, .horizontal = Horizontal::Center, .upwards = true});
}

HeatMapGridLayout layout(const HeatMapGrid& grid, Canvas& canvas, const Rect& outer, const PlotStyle& style) {
  HeatMapGridLayout result;
  result.outer = outer;
  const int rows = int(grid.row_captions.size()), columns = int(grid.column_captions.size());
  if (rows == 0 || columns == 0) return result;
  const float pad = style.gap;
  const float caption = style.label * 1.6f;
  const auto room_for = [&](const std::vector<std::string>& captions) {
    return std::ranges::all_of(captions, &std::string::empty) ? 0 : caption;
  };
  const float above = any_cell(grid, &HeatMap::title) ? style.label * 1.4f : 0;
  const float below = any_cell(grid, &HeatMap::x_label) ? style.label * 1.7f : 0;
  float left = outer.x + pad + room_for(grid.row_captions) + (grid.y_label.empty() ? 0 : caption);
  const float top =
      outer.y + pad + (grid.title.empty() ? 0 : style.heading * 1.6f) + room_for(grid.column_captions);
  const float bottom = outer.bottom() - pad - (grid.x_label.empty() ? 0 : caption);
  const float bar_space = grid.bar ? color_bar_width(canvas, *grid.bar, style) + 2.5f * style.gap : 0;
  float right = outer.right() - pad - bar_space;
  const float space = style.gap * 1.2f;
  float width = std::max(1.f, (right - left - space * float(columns - 1)) / float(columns));
  float height = std::max(1.f, (bottom - top - space * float(rows - 1)) / float(rows) - above - below);
  if (!grid.stretch)
    for (const HeatMap& map : grid.cells)
      if (map.rows > 0 && map.columns > 0) {
        // All maps have the shape of the first, and the grid is centred.
        const float cell = std::min(width / float(map.columns), height / float(map.rows));
        width = cell * float(map.columns), height = cell * float(map.rows);
        break;
      }
  const float used_width = width * float(columns) + space * float(columns - 1);
  const float row_height = above + height + below;
  const float used_height = row_height * float(rows) + space * float(rows - 1);
  left += std::max(0.f, (right - left - used_width) / 2);
  const float y = top + std::max(0.f, std::min((bottom - top - used_height) / 2, style.label));
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column)
      result.areas.push_back({left + float(column) * (width + space),
                              y + above + float(row) * (row_height + space), width, height});
  right = left + used_width;
  if (grid.bar) {
    const float bar_height = std::min(used_height, std::max(style.label * 16, used_height * 0.6f));
    result.bar = Rect{right + 2.5f * style.gap, y + (used_height - bar_height) / 2,
                      bar_space - 2.5f * style.gap, bar_height};
  }
  return result;
}

namespace {

/// "ViT at step 200, mean over samples": whose and when is said before what else there is to say.
std::string fit_title(Canvas& canvas, const std::string& title, float width, float size) {
  const bool fits = canvas.measure(title, size, FontFace::Semibold).width <= width;
  return fit_text(canvas, fits ? title : title.substr(0, title.rfind(", ")), width, size, FontFace::Semibold);
}

} // namespace

void draw(Canvas& canvas, const HeatMapGrid& grid, const HeatMapGridLayout& layout, const PlotStyle& style) {
  keep_values(canvas, grid);
  if (!style.transparent) canvas.fill_rect(layout.outer, style.theme.panel);
  const float pad = style.gap;
  canvas.text({layout.outer.x + pad, layout.outer.y + pad + style.heading * 0.95f},
              fit_title(canvas, grid.title, layout.outer.width - 2 * pad, style.heading),
              {.size = style.heading, .color = style.theme.text, .face = FontFace::Semibold});
  const std::size_t columns = grid.column_captions.size();
  TextStyle caption{.size = style.label, .color = style.theme.dim_text, .horizontal = Horizontal::Center};
  bool any = false;
  for (std::size_t i = 0; i < layout.areas.size() && i < grid.cells.size(); ++i) {
    if (grid.cells[i].rows == 0) continue;
    any = true;
    draw(canvas, grid.cells[i], layout.areas[i], style);
  }
  if (!any) {
    caption.size = style.title;
    caption.vertical = Vertical::Middle;
    canvas.text(layout.outer.center(), grid.empty_text, caption);
    return;
  }
  for (std::size_t column = 0; column < columns; ++column)
    canvas.text({layout.areas[column].center().x, layout.areas[column].y - style.gap * 0.8f},
                fit_text(canvas, grid.column_captions[column], layout.areas[column].width, style.label),
                caption);
  if (!grid.x_label.empty()) {
    const Rect &first = layout.areas.front(), &last = layout.areas.back();
    const float own = any_cell(grid, &HeatMap::x_label) ? style.label * 1.5f : 0;
    canvas.text({(first.x + last.right()) / 2, last.bottom() + own + style.gap * 0.6f + style.label},
                grid.x_label, caption);
  }
  caption.upwards = true;
  for (std::size_t row = 0; row < grid.row_captions.size(); ++row) {
    const Rect& area = layout.areas[row * columns];
    canvas.text({area.x - style.gap * 0.9f, area.center().y},
                fit_text(canvas, grid.row_captions[row], area.height, style.label), caption);
  }
  const bool captions = !std::ranges::all_of(grid.row_captions, &std::string::empty);
  if (!grid.y_label.empty())
    canvas.text({layout.areas.front().x - style.gap * 0.9f - (captions ? style.label * 1.5f : 0),
                 (layout.areas.front().y + layout.areas.back().bottom()) / 2},
                grid.y_label, caption);
  if (grid.bar && layout.bar) draw(canvas, *grid.bar, *layout.bar, style);
}

void draw(Canvas& canvas, const HeatMapGrid& grid, const Rect& outer, const PlotStyle& style) {
  draw(canvas, grid, layout(grid, canvas, outer, style), style);
}

} // namespace plateau::widgets
