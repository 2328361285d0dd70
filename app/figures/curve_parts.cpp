#include "app/figures/curve_parts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "app/figures/seed_band.h"

namespace plateau::figures {
namespace {

// A slice of a series: its points from `first` on.
struct SeriesSlice {
  training::Series series;
  std::size_t first = 0;
};

void read_slice(const void* owner, std::size_t begin, std::size_t count, widgets::CurvePoint* out) {
  const auto& slice = *static_cast<const SeriesSlice*>(owner);
  for (std::size_t i = 0; i < count; ++i) {
    const training::Point& point = slice.series[slice.first + begin + i];
    out[i] = {double(point.step), point.value};
  }
}

widgets::CurveBlock read_block(const void* owner, std::size_t i) {
  const auto& slice = *static_cast<const SeriesSlice*>(owner);
  const training::Block& block = slice.series.block(slice.first / training::Series::block_size + i);
  const auto point = [](const training::Point& p) { return widgets::CurvePoint{double(p.step), p.value}; };
  return {point(block.low), point(block.high), block.sum, block.finite};
}

widgets::Curve curve_of(const CurveKind& kind, widgets::CurveData data, const PlotOptions& options) {
  widgets::Curve curve;
  curve.data = std::move(data);
  curve.kind = kind.name;
  curve.dash = kind.dash;
  curve.width = kind.width;
  if (kind.per_batch && curve.data.size > 0) {
    const auto last = std::int64_t(curve.data.at(curve.data.size - 1).x);
    curve.smoothing = smoothing_window(options, last, curve.data.size);
    if (curve.smoothing > 1)
      curve.kind_note = fmt::format("mean of {:.0f} steps", curve.smoothing);
    else
      curve.smoothing = 0;
  }
  return curve;
}

SeedEnd end_of(const training::Snapshot& snapshot, const training::MemberView& member) {
  if (member.training) return SeedEnd::Training;
  const bool diverged = std::ranges::any_of(snapshot.events, [&](const training::Event& event) {
    return event.member == member.id && event.kind == training::Event::Kind::Divergence;
  });
  return diverged ? SeedEnd::Diverged : SeedEnd::Halted;
}

/// "ViT (3 seeds)", "ViT (3 seeds, 1 diverged)".
std::string band_label(const std::string& name, const std::vector<SeedCurve>& seeds) {
  const auto diverged = std::ranges::count(seeds, SeedEnd::Diverged, &SeedCurve::end);
  return fmt::format("{} ({} seeds{})", name, seeds.size(),
                     diverged > 0 ? fmt::format(", {} diverged", diverged) : "");
}

void add_seed_band(widgets::LinePlot& plot, const std::vector<SeedCurve>& seeds, const std::string& label,
                   widgets::Color color, const PlotOptions& options) {
  const auto has_points = [](const SeedCurve& seed) { return seed.curve.data.size > 0; };
  if (std::ranges::none_of(seeds, has_points)) return;
  const auto band = options.kept_bands
                        ? options.kept_bands->get(seeds, options.band_edges)
                        : std::make_shared<const SeedBand>(seed_band(seeds, options.band_edges));
  widgets::Curve median = std::ranges::find_if(seeds, has_points)->curve;
  median.data = band->median;
  median.smoothing = 0; // smoothed before the median was taken
  median.label = median.group = label;
  median.color = color;
  plot.curves.push_back(std::move(median));
  plot.bands.push_back({color.with_alpha(0.16f), band->x, band->low, band->high, label});
}

} // namespace

std::vector<SeedGroup> seed_groups(const std::vector<const training::MemberView*>& members, bool bands) {
  std::vector<SeedGroup> groups;
  for (const auto* member : members) {
    const auto name = bands ? without_seed(member->name) : member->name;
    const auto known = std::ranges::find(groups, name, &SeedGroup::name);
    if (bands && known != groups.end())
      known->members.push_back(member);
    else
      groups.push_back({name, {member}});
  }
  return groups;
}

widgets::CurveData curve_data(const training::Series& series, std::int64_t from) {
  auto slice = std::make_shared<SeriesSlice>(SeriesSlice{series, training::lower_bound(series, from)});
  widgets::CurveData data;
  data.size = series.size() - slice->first;
  data.read = read_slice;
  data.block = read_block;
  data.block_size = training::Series::block_size;
  data.lead = slice->first % data.block_size;
  data.identity = data.size > 0 ? &series.back() : nullptr; // a chunk shared by all views of the series
  data.owner = std::move(slice);
  return data;
}

double smoothing_window(const PlotOptions& options, std::int64_t last_step, std::size_t points) {
  if (options.smoothing >= 0) return options.smoothing;
  if (points < 200) return 0;
  // A hundredth of the run, rounded down to 1, 2 or 5 times a power of ten so that it changes rarely.
  const double wanted = double(last_step) / 100, decade = std::pow(10, std::floor(std::log10(wanted)));
  return decade * (wanted >= 5 * decade ? 5 : wanted >= 2 * decade ? 2 : 1);
}

widgets::CurveData member_data(const training::Snapshot& snapshot, const training::MemberView& member,
                               const PlotOptions& options, const std::string& metric) {
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return {};
  bool parent_drawn = false;
  for (const auto* other : chosen_members(snapshot, options)) parent_drawn |= other->id == member.parent;
  return curve_data(found->second, parent_drawn ? member.forked_at : 0);
}

void add_member_curves(widgets::LinePlot& plot, const training::Snapshot& snapshot,
                       const PlotOptions& options, const std::vector<CurveKind>& kinds) {
  const auto groups = seed_groups(chosen_members(snapshot, options), options.seed_bands);
  for (const auto& group : groups) {
    const auto color = color_of(snapshot, *group.members.front(), options);
    for (const CurveKind& kind : kinds) {
      if (options.without.contains(kind.name)) continue;
      std::vector<SeedCurve> curves;
      for (const auto* member : group.members) {
        auto curve = curve_of(kind, member_data(snapshot, *member, options, kind.metric), options);
        curve.label = curve.group = member->name;
        curve.color = color;
        curves.push_back({std::move(curve), end_of(snapshot, *member)});
      }
      if (curves.size() == 1) {
        auto& curve = curves.front().curve;
        if (curve.data.size > 0) plot.curves.push_back(std::move(curve));
      } else {
        const auto label = band_label(group.name, curves);
        add_seed_band(plot, curves, label, color, options);
      }
    }
  }
}

widgets::Color color_of(const training::Snapshot& snapshot, const training::MemberView& member,
                        const PlotOptions& options) {
  int id = member.id;
  if (options.seed_bands)
    for (const auto& group : seed_groups(chosen_members(snapshot, options), true))
      if (std::ranges::find(group.members, &member) != group.members.end()) id = group.members.front()->id;
  return widgets::member_color(options.theme, std::size_t(id));
}

bool is_drawn(const recording::Remark& remark, const PlotOptions& options) {
  return remark.member < 0 || options.members.empty() ||
         std::ranges::find(options.members, remark.member) != options.members.end();
}

namespace {

void add_remarks(widgets::LinePlot& plot, const PlotOptions& options) {
  for (const auto& remark : options.remarks) {
    if (!is_drawn(remark, options)) continue;
    const bool of_one = remark.member >= 0 && options.members.size() != 1;
    plot.marks.push_back({.x = double(remark.step),
                          .color = of_one ? widgets::member_color(options.theme, std::size_t(remark.member))
                                          : options.theme.dim_text,
                          .label = shortened(remark.text),
                          .dash = widgets::Dash::Dotted,
                          .note = remark.text,
                          .remark = true});
  }
}

} // namespace

widgets::LinePlot plot_over_steps(const PlotOptions& options, const std::string& title,
                                  const std::string& y_title) {
  widgets::LinePlot plot;
  if (options.title) plot.title = title;
  plot.x.kind = options.x_scale.value_or(widgets::ScaleKind::Linear);
  plot.x.at_least = widgets::Range{0, 1};
  plot.y.title = y_title;
  plot.y.kind = options.y_scale.value_or(widgets::ScaleKind::Linear);
  plot.x.range = options.x;
  plot.y.range = options.y;
  if (!options.legend) plot.legend = widgets::LegendPlace::None;
  if (options.step) plot.playhead = double(*options.step);
  add_remarks(plot, options);
  return plot;
}

} // namespace plateau::figures
