#include "app/figures/compose.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/figures/looks.h"
#include "engine/analysis/member_summary.h"
#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/utf8.h"

namespace plateau::figures {
namespace {

using training::Snapshot;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// "FILE:LINE: " where the recipe has a file.
std::string place(const Recipe& recipe, const PanelSpec& panel) {
  return recipe.source.empty() ? "" : fmt::format("{}:{}: ", study::printable(recipe.source), panel.line);
}

double share_sum(const std::vector<PanelSpec>& panels) {
  double sum = 0;
  for (const auto& panel : panels) sum += panel.width;
  return sum;
}

/// Height in millimetres that a row's figures have by nature at the page's width.
double natural_height(const RowSpec& row, double page_width) {
  double height = 0;
  for (const auto& panel : row.panels) {
    const auto size = figure(panel.figure).size_mm;
    height = std::max(height, page_width * panel.width / share_sum(row.panels) * size.height / size.width);
  }
  return height;
}

std::vector<double> row_heights(const Recipe& recipe) {
  const bool chosen = std::ranges::any_of(recipe.rows, [](const RowSpec& row) { return row.height > 0; });
  std::vector<double> heights;
  for (const auto& row : recipe.rows)
    heights.push_back(!chosen ? natural_height(row, recipe.page.width_mm) : row.height > 0 ? row.height : 1);
  return heights;
}

std::string letter_of(std::size_t index) {
  std::string letter(1, char('a' + index % 26));
  return index < 26 ? letter : letter + std::to_string(index / 26);
}

std::string name_of(training::Event::Kind kind) {
  return training::to_string(kind);
}

/// Empty: not chosen, the latest.
std::optional<std::int64_t> step_of(const PanelSpec& panel, const Snapshot& snapshot,
                                    const PlotOptions& options, const std::string& where) {
  if (const auto* number = std::get_if<std::int64_t>(&panel.step)) {
    if (*number < 0 || *number > snapshot.step)
      throw InputError(
          fmt::format("{}step = {}: the recording holds steps 0 to {}", where, *number, snapshot.step));
    return *number;
  }
  if (const auto* part = std::get_if<RunShare>(&panel.step))
    return std::int64_t(std::llround(part->share * double(snapshot.step)));
  const auto* kind = std::get_if<training::Event::Kind>(&panel.step);
  if (!kind) return std::nullopt;
  std::optional<std::int64_t> first;
  std::vector<std::string> known;
  for (const auto& event : snapshot.events) {
    const bool shown = event.member < 0 || options.members.empty() ||
                       std::ranges::find(options.members, event.member) != options.members.end();
    if (!shown) continue;
    if (event.kind == *kind) first = std::min(first.value_or(event.step), event.step);
    if (const auto name = name_of(event.kind); std::ranges::find(known, name) == known.end())
      known.push_back(name);
  }
  if (!first)
    throw InputError(
        fmt::format("{}step = \"{}\": the members shown have no such event{}", where, name_of(*kind),
                    known.empty() ? "" : fmt::format("; there are: {}", fmt::join(known, ", "))));
  return first;
}

std::string panel_line(const Page::Panel& panel) {
  std::string line = panel.letter.empty() ? "" : panel.letter + ": ";
  line += panel.figure->name;
  if (panel.options.step) line += fmt::format(" (step {})", *panel.options.step);
  return line;
}

} // namespace

std::vector<int> find_members(const Run& run, const std::vector<std::string>& wanted,
                              const std::string& what) {
  const auto& members = run.snapshot->members;
  std::vector<int> ids;
  std::vector<std::string> names;
  for (const auto& member : members) names.push_back(member.name);
  for (const auto& name : wanted) {
    const std::size_t before = ids.size();
    for (const auto& member : members)
      if (member.name == name || analysis::without_seed(member.name) == name) ids.push_back(member.id);
    if (ids.size() == before && run.recorded)
      for (const auto& original : run.recorded->members)
        for (const auto& member : members)
          if (original.id == member.id && original.name == name) ids.push_back(member.id);
    if (ids.size() == before)
      for (const auto& member : members)
        if (std::to_string(member.id) == name) ids.push_back(member.id);
    if (ids.size() == before)
      throw InputError(fmt::format("{} {}: no such member{}; there are: {}", what, name,
                                   study::did_you_mean(name, names), fmt::join(names, ", ")));
  }
  return ids;
}

SnapshotPtr at_step(const SnapshotPtr& whole, std::int64_t step, const FrameAt& frame_at) {
  auto snapshot = std::make_shared<Snapshot>(*whole);
  for (auto& member : snapshot->members) member.frame = frame_at(member.id, step);
  return snapshot;
}

const widgets::Theme& theme_named(const std::string& name) {
  return name == "dark"    ? widgets::dark_theme()
         : name == "light" ? widgets::light_theme()
                           : widgets::print_theme();
}

widgets::Size page_size(const Recipe& recipe) {
  double height = recipe.page.height_mm;
  if (!(height > 0)) {
    height = 0;
    for (const auto& row : recipe.rows) height += natural_height(row, recipe.page.width_mm);
    height = std::clamp(height, smallest_page_mm, largest_page_mm);
  }
  return {float(recipe.page.width_mm), float(height)};
}

Page make_page(const Recipe& recipe, const Run& run) {
  const SnapshotPtr& snapshot = run.snapshot;
  Page page;
  page.size_mm = page_size(recipe);
  page.text_pt = recipe.page.text_pt;
  page.theme = theme_named(recipe.page.theme);
  take_colors(page.theme, run.annotations);
  page.title = recipe.title;
  const auto heights = row_heights(recipe);
  double whole_height = 0;
  for (const double height : heights) whole_height += height;
  std::map<std::int64_t, SnapshotPtr> at; // panels of one step share it
  double y = 0;
  for (std::size_t row = 0; row < recipe.rows.size(); ++row) {
    const auto& panels = recipe.rows[row].panels;
    const double height = heights[row] / whole_height, all = share_sum(panels);
    double x = 0;
    for (const PanelSpec& spec : panels) {
      const std::string where = place(recipe, spec);
      Page::Panel panel;
      panel.figure = &figure(spec.figure);
      panel.title = spec.title;
      panel.share = {float(x), float(y), float(spec.width / all), float(height)};
      x += spec.width / all;
      PlotOptions& options = panel.options;
      options.theme = page.theme;
      options.members =
          spec.members.empty() ? run.drawn : find_members(run, spec.members, where + "members:");
      options.smoothing = spec.smoothing;
      options.x_scale = spec.x_scale, options.y_scale = spec.y_scale;
      options.seed_bands = spec.seed_bands.has_value();
      options.band_edges = spec.seed_bands.value_or(BandEdges::MinMax);
      if (!spec.reference.empty())
        options.reference = find_members(run, {spec.reference}, where + "reference:").front();
      options.events = spec.events, options.guides = spec.guides, options.legend = spec.legend;
      if (spec.remarks) options.remarks = run.annotations.remarks;
      options.caption = spec.title.empty();
      options.without = spec.without;
      options.layer = spec.layer, options.head = spec.head;
      options.x = spec.x, options.y = spec.y;
      options.step = step_of(spec, *snapshot, options, where);
      panel.snapshot = snapshot;
      if (options.step) {
        auto& known = at[*options.step];
        if (!known) known = at_step(snapshot, *options.step, run.frame_at);
        panel.snapshot = known;
      }
      if (const auto reason = panel.figure->missing(*panel.snapshot, options); !reason.empty())
        throw InputError(fmt::format("{}no figure '{}': {}", where, panel.figure->name, reason));
      page.panels.push_back(std::move(panel));
    }
    y += height;
  }
  if (recipe.page.letters && page.panels.size() > 1)
    for (std::size_t i = 0; i < page.panels.size(); ++i) page.panels[i].letter = letter_of(i);
  return page;
}

void draw_page(widgets::Canvas& canvas, const Page& page, const widgets::Rect& where, float unit) {
  canvas.fill_rect(where, page.theme.panel);
  const auto style = widgets::print_style(page.theme, unit * float(page.text_pt) / 7);
  const float edge = style.gap / 2, between = page.panels.size() > 1 ? style.gap : 0;
  const widgets::Rect inner = where.inset(edge);
  for (const auto& panel : page.panels) {
    widgets::Rect area{inner.x + panel.share.x * inner.width, inner.y + panel.share.y * inner.height,
                       panel.share.width * inner.width, panel.share.height * inner.height};
    // Air between panels, none at the page's edges.
    if (panel.share.x > 1e-4f) area.x += between, area.width -= between;
    if (panel.share.y > 1e-4f) area.y += between, area.height -= between;
    const widgets::ClipScope clip(canvas, area);
    const float baseline = area.y + style.gap + style.heading * 0.95f; // that of the figures' own titles
    if (!panel.letter.empty()) {
      canvas.text(
          {area.x + style.gap * 0.5f, baseline}, panel.letter,
          {.size = style.heading * 1.1f, .color = style.theme.text, .face = widgets::FontFace::Semibold});
      const float gutter = style.heading * 1.1f;
      area.x += gutter, area.width -= gutter;
    }
    if (!panel.title.empty()) {
      canvas.text({area.x + style.gap, baseline},
                  fit_text(canvas, panel.title, area.width - 2 * style.gap, style.heading,
                           widgets::FontFace::Semibold),
                  {.size = style.heading, .color = style.theme.text, .face = widgets::FontFace::Semibold});
      const float strip = style.heading * 1.55f;
      area.y += strip, area.height -= strip;
    }
    panel.figure->draw(canvas, area, *panel.snapshot, panel.options, style);
  }
}

widgets::Metadata metadata(const Page& page) {
  // Every member that any panel shows; none named: all.
  PlotOptions all;
  bool every = false;
  for (const auto& panel : page.panels) {
    every |= panel.options.members.empty();
    all.members.insert(all.members.end(), panel.options.members.begin(), panel.options.members.end());
  }
  if (every) all.members.clear();
  std::vector<std::string> lines;
  for (const auto& panel : page.panels) lines.push_back(panel_line(panel));
  const auto& first = page.panels.front();
  if (page.panels.size() == 1) all.step = first.options.step;
  auto made = metadata(*first.figure, *first.snapshot, all);
  made.provenance += fmt::format("; figures: {}", fmt::join(lines, ", "));
  if (!page.title.empty()) made.title = page.title;
  return made;
}

void write_page(const Page& page, const std::string& path) {
  const widgets::Size size{page.size_mm.width * widgets::points_per_mm,
                           page.size_mm.height * widgets::points_per_mm};
  std::unique_ptr<widgets::FileCanvas> canvas;
  try {
    canvas = widgets::open_figure_file(path, size, metadata(page));
  } catch (const widgets::FileError& error) {
    throw InputError(error.what());
  }
  draw_page(*canvas, page, {0, 0, size.width, size.height}, 1);
  try {
    canvas->finish();
  } catch (const widgets::FileError& error) {
    throw RunError(error.what());
  }
}

void write_figure(const FigureInfo& info, const Snapshot& snapshot, const PlotOptions& options,
                  widgets::Size size_mm, const std::string& path) {
  if (const auto reason = info.missing(snapshot, options); !reason.empty())
    throw InputError(fmt::format("no figure '{}': {}", info.name, reason));
  Page page{.size_mm = size_mm, .theme = options.theme, .title = {}, .panels = {}};
  const SnapshotPtr borrowed(SnapshotPtr(), &snapshot);
  page.panels.push_back({&info, borrowed, options, {}, {}, {0, 0, 1, 1}});
  write_page(page, path);
}

} // namespace plateau::figures
