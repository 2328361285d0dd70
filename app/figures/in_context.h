// What a model reads from the sequence: by place in it, over the steps, and by which head (icl-plateaus.md
// 7.4). Built from plain snapshots.
#pragma once

#include <string>
#include <vector>

#include "app/figures/options.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/line_plot.h"

namespace plateau::figures {

/// Numbers i of the member's curves "METRIC/position{i}", ascending.
std::vector<int> recorded_positions(const training::MemberView& member, const std::string& metric);

/// "context/accuracy" or "context/loss" by place in the sequence (upwards) over the steps.
widgets::HistogramHistory position_history(const training::Snapshot& snapshot,
                                           const training::MemberView& member, const PlotOptions& options,
                                           const std::string& metric);
/// Any metric by place in the sequence at the step shown, of the chosen members.
widgets::LinePlot position_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                const std::string& metric, const std::string& title);

/// What heads are scored in.
struct HeadScore {
  std::string metric; // "head/induction": of "head/induction/layer{l}/head{h}"
  std::string title;  // "induction"
  bool share = false; // 0..1; otherwise a ratio, 1 being what uniform attention gives
};
const std::vector<HeadScore>& head_scores();

/// One map per score that was recorded, layers x heads, at the step shown, with the values written in.
widgets::HeatMapGrid head_table(const training::MemberView& member, const PlotOptions& options);
/// A score's curves over the steps, the heads of options.layer (1-based).
widgets::LinePlot head_score_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                  const HeadScore& score);
/// Layers for which the score has heads; of the member that has the most.
int count_head_layers(const training::Snapshot& snapshot, const PlotOptions& options, const HeadScore& score);

} // namespace plateau::figures
