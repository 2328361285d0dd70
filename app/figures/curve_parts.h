// Building blocks of the line plots; internal to app/figures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/figures/curves.h"

namespace plateau::figures {

/// One sort of curve in a plot: a metric and how it looks beside the plot's other sorts.
struct CurveKind {
  std::string name; // "train"; empty: the only one
  std::string metric;
  widgets::Dash dash = widgets::Dash::Solid;
  float width = 1;
  bool per_batch = false; // noisy: smoothed
};

/// The mean's width in steps for a metric of `points` points up to `last_step`; 0: not smoothed.
double smoothing_window(const PlotOptions& options, std::int64_t last_step, std::size_t points);

/// The member's points of `metric`; a fork's start where it was forked if its parent is drawn as well.
widgets::CurveData member_data(const training::Snapshot& snapshot, const training::MemberView& member,
                               const PlotOptions& options, const std::string& metric);

/// The sorts of curves "BASE/layer1", "BASE/layer2" ...; with options.layer its heads, or the layer alone
/// where heads are not told apart.
std::vector<CurveKind> part_kinds(const training::Snapshot& snapshot, const PlotOptions& options,
                                  const std::string& base, bool per_batch = false);
/// Adds them. One member: colours tell the parts apart. Several: colours tell members, dashes parts.
void add_part_curves(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options,
                     const std::vector<CurveKind>& kinds);

/// Members that are drawn as one: each alone, or with `bands` those that differ in their seed alone.
struct SeedGroup {
  std::string name;
  std::vector<const training::MemberView*> members;
};
std::vector<SeedGroup> seed_groups(const std::vector<const training::MemberView*>& members, bool bands);

/// Adds the curves of all chosen members: coloured by member, dashed by kind; as seed bands if wanted.
void add_member_curves(widgets::LinePlot& plot, const training::Snapshot& snapshot,
                       const PlotOptions& options, const std::vector<CurveKind>& kinds);

/// The member's colour; with seed bands that of the first of its seeds.
widgets::Color color_of(const training::Snapshot& snapshot, const training::MemberView& member,
                        const PlotOptions& options);

/// A text that is short enough beside a line.
std::string shortened(const std::string& text);
/// Does it belong to what `options` ask for?
bool is_drawn(const recording::Remark& remark, const PlotOptions& options);

/// Axes, playhead and remarks, the same for every plot over steps.
widgets::LinePlot plot_over_steps(const PlotOptions& options, const std::string& title,
                                  const std::string& y_title);

} // namespace plateau::figures
