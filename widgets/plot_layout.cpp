// Where everything in a line plot goes.
#include <cmath>

#include "widgets/line_plot.h"

namespace plateau::widgets {
namespace {

// What a plot shows around its axes, from all down to nothing; the first that leaves room for curves is
// taken.
struct Surroundings {
  int legend_rows, mark_rows;
  bool x_title;
};
constexpr Surroundings choices[] = {{3, 2, true}, {2, 1, true}, {1, 0, true}, {0, 0, true}, {0, 0, false}};
constexpr float least_height = 5; // of the area inside the axes, in labels

Range or_unit(std::optional<Range> range, ScaleKind kind) {
  return range.value_or(kind == ScaleKind::Log ? Range{0.1, 1} : Range{0, 1});
}

Range apply_limits(Range range, const AxisOptions& axis) {
  // On a logarithmic axis what is not above 0 limits nothing.
  const bool positive = axis.kind == ScaleKind::Log;
  if (axis.at_most && (!positive || axis.at_most->high > 0)) {
    range.low = std::clamp(range.low, positive ? std::min(range.low, axis.at_most->high) : axis.at_most->low,
                           axis.at_most->high);
    range.high = std::min(range.high, axis.at_most->high);
    if (!positive) range.high = std::max(range.high, axis.at_most->low);
  }
  if (axis.at_least) {
    if (!positive || axis.at_least->low > 0) range.low = std::min(range.low, axis.at_least->low);
    range.high = std::max(range.high, axis.at_least->high);
  }
  return range;
}

// Where symlog axes are linear; of all the data, so that zooming does not bend the axis.
double linear_part_of_x(const LinePlot& plot, const Hidden& hidden) {
  // Plots over steps stand beside one another: all bend at the first step, whatever each has recorded.
  if (plot.x.kind != ScaleKind::SymLog || plot.x.numbers == NumberStyle::Steps) return 1;
  double smallest = INFINITY, largest = 0;
  for (const Curve& curve : plot.curves) {
    const CurveData& data = curve.data;
    if (is_hidden(curve, hidden) || data.size == 0) continue;
    const std::size_t zero = data.lower_bound(0), positive = data.lower_bound(std::nextafter(0.0, 1.0));
    if (zero > 0) smallest = std::min(smallest, -data.at(zero - 1).x);
    if (positive < data.size) smallest = std::min(smallest, data.at(positive).x);
    largest = std::max({largest, std::abs(data.at(0).x), std::abs(data.at(data.size - 1).x)});
  }
  return symlog_threshold(smallest, largest);
}

double linear_part_of_y(const LinePlot& plot, const Hidden& hidden, CurveCache* cache) {
  if (plot.y.kind != ScaleKind::SymLog) return 1;
  double smallest = INFINITY, largest = 0;
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    const Curve& curve = plot.curves[i];
    if (is_hidden(curve, hidden)) continue;
    const auto sizes = cache ? cache->sizes(i, curve) : magnitudes(curve.data);
    if (!sizes) continue;
    smallest = std::min(smallest, sizes->low);
    largest = std::max(largest, sizes->high);
  }
  return symlog_threshold(smallest, largest);
}

// A range that was zoomed into on a linear axis may reach below 0, where a logarithmic one has nothing.
bool shows_something(const std::optional<Range>& range, ScaleKind kind) {
  return range && (kind != ScaleKind::Log || range->high > 0);
}
Range above_zero(Range range, ScaleKind kind, const std::optional<Range>& data) {
  if (kind == ScaleKind::Log && range.low <= 0)
    range.low = data && data->low > 0 && data->low < range.high ? data->low : range.high * 1e-3;
  return range;
}

bool labels_touch(const Scale& scale, const std::vector<Tick>& ticks, Canvas& canvas, float size,
                  bool horizontal) {
  std::vector<std::pair<float, float>> extents;
  for (const Tick& tick : ticks) {
    if (tick.label.empty()) continue;
    const float at = scale.position(tick.value);
    const float half = (horizontal ? canvas.measure(tick.label, size).width : size) / 2;
    extents.emplace_back(at - half, at + half);
  }
  std::sort(extents.begin(), extents.end());
  const float apart = size * (horizontal ? 0.7f : 0.35f);
  for (std::size_t i = 1; i < extents.size(); ++i)
    if (extents[i].first < extents[i - 1].second + apart) return true;
  return false;
}

// As many ticks as fit without their labels touching.
std::vector<Tick> fitting_ticks(const Scale& scale, NumberStyle numbers, Canvas& canvas, float size,
                                bool horizontal) {
  const float length = std::abs(scale.high_position() - scale.low_position());
  const int wanted = std::clamp(int(length / (size * (horizontal ? 6.f : 3.f))), 2, 12);
  std::vector<Tick> candidates;
  for (int most = wanted; most >= 1; --most) {
    candidates = ticks(scale, most, numbers);
    if (!labels_touch(scale, candidates, canvas, size, horizontal)) return candidates;
  }
  // Very little room: every second label goes until the rest fits.
  while (labels_touch(scale, candidates, canvas, size, horizontal)) {
    int seen = 0;
    for (Tick& tick : candidates)
      if (!tick.label.empty() && seen++ % 2 == 1) tick.label.clear();
  }
  return candidates;
}

float widest_label(const std::vector<Tick>& ticks, Canvas& canvas, float size) {
  float widest = 0;
  for (const Tick& tick : ticks) widest = std::max(widest, canvas.measure(tick.label, size).width);
  return widest;
}

std::vector<LegendEntry> legend_entries(const LinePlot& plot, const Hidden& hidden) {
  std::vector<LegendEntry> groups, kinds;
  const auto add = [&](std::vector<LegendEntry>& to, const std::string& name, const Curve& curve,
                       bool is_kind) {
    for (const auto& entry : to)
      if (entry.name == name) return;
    to.push_back({.area = {},
                  .name = name,
                  .label = is_kind && !curve.kind_note.empty() ? name + ", " + curve.kind_note : name,
                  .color = curve.color,
                  .dash = curve.dash,
                  .is_kind = is_kind,
                  .hidden = hidden.contains(name),
                  .ring = is_kind && curve.rings});
  };
  for (const Curve& curve : plot.curves) {
    if (!curve.in_legend) continue;
    add(groups, group_of(curve), curve, false);
    if (!curve.kind.empty()) add(kinds, curve.kind, curve, true);
  }
  // Dashes are told once for all groups, so a group's own line is solid.
  if (!kinds.empty())
    for (auto& entry : groups) entry.dash = Dash::Solid;
  if (kinds.size() > 1) groups.insert(groups.end(), kinds.begin(), kinds.end());
  return groups;
}

// How many seeds there are goes first: "ViT (3 seeds)", "ViT (3 seeds, 1 diverged)".
std::string shortened(Canvas& canvas, const std::string& label, float width, float size) {
  const auto bracket = label.ends_with(')') && label.find(" seeds", label.rfind(" (")) != std::string::npos
                           ? label.rfind(" (")
                           : std::string::npos;
  const bool fits = canvas.measure(label, size).width <= width;
  return fit_text(canvas, fits ? label : label.substr(0, bracket), width, size);
}

// Left to right in rows inside `width`, each entry as wide as it is; those beyond the last row are dropped.
float place_in_rows(std::vector<LegendEntry>& entries, Canvas& canvas, Point at, float width,
                    const PlotStyle& style, int max_rows, float longest) {
  const float swatch = style.label * 1.5f + style.gap * 0.7f, row_height = style.label * 1.5f,
              space = style.label * 1.1f;
  float x = 0;
  int row = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto& entry = entries[i];
    entry.label = shortened(canvas, entry.label, longest, style.label);
    const float length = swatch + canvas.measure(entry.label, style.label).width;
    if (x > 0 && x + length > width) {
      if (++row == max_rows) {
        entries.resize(i);
        --row;
        break;
      }
      x = 0;
    }
    entry.area = {at.x + x, at.y + float(row) * row_height, length, row_height};
    x += length + space;
  }
  return float(row + 1) * row_height + style.gap * 0.5f;
}

// Labels are shortened where more entries find room that way. Returns the height.
float place_legend(std::vector<LegendEntry>& entries, Canvas& canvas, Point at, float width,
                   const PlotStyle& style, int max_rows) {
  if (max_rows == 0) entries.clear();
  if (entries.empty()) return 0;
  const float swatch = style.label * 1.5f + style.gap * 0.7f, space = style.label * 1.1f;
  std::vector<LegendEntry> best;
  float height = 0;
  for (int columns = 1; columns <= 4; ++columns) {
    const float longest = (width - float(columns - 1) * space) / float(columns) - swatch - 1;
    if (columns > 1 && longest < style.label * 5) break; // too short to be told apart
    auto placed = entries;
    const float rows =
        place_in_rows(placed, canvas, at, width, style, max_rows, std::max(style.label * 4, longest));
    if (placed.size() > best.size()) best = std::move(placed), height = rows;
    if (best.size() == entries.size()) break;
  }
  entries = std::move(best);
  return height;
}

// Greedy rows above the area; a label without room is left out, its line stays. Returns the rows used.
int place_mark_labels(const LinePlot& plot, PlotLayout& result, Canvas& canvas, const PlotStyle& style,
                      int max_rows) {
  const float row_height = style.label * 1.35f;
  std::vector<float> row_end;
  int rows = 0;
  std::vector<std::size_t> order(plot.marks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return plot.marks[a].x < plot.marks[b].x; });
  for (const std::size_t i : order) {
    const VerticalMark& mark = plot.marks[i];
    if (mark.label.empty() || !result.x.range().contains(mark.x)) continue;
    const float width = canvas.measure(mark.label, style.label).width;
    if (width > result.outer.width) continue;
    const float x = std::clamp(result.x.position(mark.x) - width / 2, result.outer.x,
                               std::max(result.outer.x, result.outer.right() - width));
    int row = 0;
    while (row < int(row_end.size()) && x < row_end[std::size_t(row)] + style.label * 0.6f) ++row;
    if (row >= max_rows) continue;
    if (row == int(row_end.size())) row_end.push_back(0);
    row_end[std::size_t(row)] = x + width;
    rows = std::max(rows, row + 1);
    result.mark_labels.push_back({i, {x, float(row), width, row_height}}); // y: the row, placed later
  }
  return rows;
}

} // namespace

bool is_hidden(const Curve& curve, const Hidden& hidden) {
  return hidden.contains(group_of(curve)) || (!curve.kind.empty() && hidden.contains(curve.kind));
}

std::optional<Range> fit_x(const LinePlot& plot, const Hidden& hidden) {
  std::optional<Range> all;
  for (const Curve& curve : plot.curves) {
    if (is_hidden(curve, hidden) || curve.data.size == 0) continue;
    const std::size_t first =
        plot.x.kind == ScaleKind::Log ? curve.data.lower_bound(std::nextafter(0.0, 1.0)) : 0;
    if (first == curve.data.size) continue;
    const Range own{curve.data.at(first).x, curve.data.at(curve.data.size - 1).x};
    all = all ? Range{std::min(all->low, own.low), std::max(all->high, own.high)} : own;
  }
  return all;
}

std::optional<Range> fit_y(const LinePlot& plot, std::optional<Range> x, const Hidden& hidden,
                           CurveCache* cache) {
  const bool positive = plot.y.kind == ScaleKind::Log;
  std::optional<Range> all;
  const auto include = [&](double low, double high) {
    if (!std::isfinite(low) || !std::isfinite(high) || (positive && low <= 0)) return;
    all = all ? Range{std::min(all->low, low), std::max(all->high, high)} : Range{low, high};
  };
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    const Curve& curve = plot.curves[i];
    if (is_hidden(curve, hidden)) continue;
    const auto own = cache ? cache->extent(i, curve, x, positive) : y_extent(curve.data, x, positive);
    if (own) include(own->low, own->high);
  }
  for (const Band& band : plot.bands)
    for (std::size_t i = 0; i < band.x.size(); ++i)
      if (!hidden.contains(band.group) && (!x || x->contains(band.x[i]))) include(band.low[i], band.high[i]);
  if (all)
    for (const HorizontalGuide& guide : plot.guides)
      if (!hidden.contains(guide.kind)) include(guide.y, guide.y);
  return all;
}

PlotLayout layout(const LinePlot& plot, Canvas& canvas, const Rect& outer, const PlotStyle& style,
                  const Hidden& hidden, float left_margin, CurveCache* cache) {
  PlotLayout result;
  result.outer = outer;
  const auto data_x = fit_x(plot, hidden);
  result.empty = !data_x;
  Range x = shows_something(plot.x.range, plot.x.kind) ? above_zero(*plot.x.range, plot.x.kind, data_x)
                                                       : apply_limits(or_unit(data_x, plot.x.kind), plot.x);
  if (!(x.high > x.low)) x.high = x.low + 1;
  const double x_linear = linear_part_of_x(plot, hidden), y_linear = linear_part_of_y(plot, hidden, cache);
  const auto fitted_y = [&] {
    const auto data_y = or_unit(fit_y(plot, x, hidden, cache), plot.y.kind);
    return apply_limits(nice_range(data_y, plot.y.kind, y_linear), plot.y);
  };
  const bool zoomed = shows_something(plot.y.range, plot.y.kind);
  const bool whole = zoomed && (plot.y.kind != ScaleKind::Log || plot.y.range->low > 0);
  const Range y = whole    ? *plot.y.range
                  : zoomed ? above_zero(*plot.y.range, plot.y.kind, fitted_y())
                           : fitted_y();

  const float pad = style.gap;
  float top = outer.y + pad;
  if (!plot.title.empty()) {
    result.title = {outer.x + pad, top + style.heading * 0.95f};
    top += style.heading * 1.55f;
  }
  const float y_title_width = plot.y.title.empty() ? 0 : style.title * 1.6f;
  const float right = outer.right() - pad - style.label * 1.1f;

  for (const Surroundings& shown : choices) {
    result.has_x_title = shown.x_title && !plot.x.title.empty();
    const float bottom_labels =
        style.tick + style.label * 1.45f + (result.has_x_title ? style.title * 1.35f : 0);
    // The width of the y labels depends on the height, which depends on the rows of the legend, which depend
    // on the width. It settles within a few rounds, as the width only grows.
    float label_width = 0;
    for (int round = 0; round < 4; ++round) {
      const float margin = left_margin > 0 ? left_margin : y_title_width + label_width + style.gap + pad;
      float area_top = top;
      result.legend.clear();
      result.mark_labels.clear();
      const float left = std::min(outer.x + margin, right - 1);
      if (plot.legend == LegendPlace::Above) {
        result.legend = legend_entries(plot, hidden);
        area_top += place_legend(result.legend, canvas, {left, top}, right - left, style, shown.legend_rows);
      }
      result.x = Scale(plot.x.kind, x, left, right, x_linear);
      const int rows = place_mark_labels(plot, result, canvas, style, shown.mark_rows);
      for (auto& label : result.mark_labels)
        label.area.y = area_top + (float(rows) - 1 - label.area.y) * label.area.height; // first row lowest
      area_top += float(rows) * style.label * 1.35f;
      if (area_top == top) area_top += style.label * 0.5f; // room for half of the topmost tick label
      const float area_bottom = std::max(area_top + 1, outer.bottom() - pad - bottom_labels);
      result.area = {left, area_top, right - left, area_bottom - area_top};
      result.y = Scale(plot.y.kind, y, area_bottom, area_top, y_linear);
      result.y_ticks = fitting_ticks(result.y, plot.y.numbers, canvas, style.label, false);
      const float widest = widest_label(result.y_ticks, canvas, style.label);
      if (widest <= label_width || left_margin > 0) break;
      label_width = widest;
    }
    if (result.area.height >= least_height * style.label) break;
  }
  result.x_ticks = fitting_ticks(result.x, plot.x.numbers, canvas, style.label, true);
  if (plot.legend == LegendPlace::Inside) {
    result.legend = legend_entries(plot, hidden);
    place_legend(result.legend, canvas, {result.area.x + style.gap * 2, result.area.y + style.gap},
                 result.area.width - 4 * style.gap, style, choices[0].legend_rows);
  }
  result.x_title = {result.area.center().x, outer.bottom() - pad - style.title * 0.25f};
  result.y_title = {outer.x + pad + style.title * 0.9f, result.area.center().y};
  return result;
}

std::vector<LegendEntry> legend_rows(const LinePlot& plot, Canvas& canvas, Point at, float width,
                                     const PlotStyle& style, float& height) {
  auto entries = legend_entries(plot, {});
  height = place_legend(entries, canvas, at, width, style, choices[0].legend_rows);
  return entries;
}

float left_margin(const LinePlot& plot, Canvas& canvas, const Rect& outer, const PlotStyle& style) {
  return layout(plot, canvas, outer, style).area.x - outer.x;
}

} // namespace plateau::widgets
