// Line plots of a run: loss, accuracy, saturation, components, gradients. Built from plain snapshots;
// curves share the snapshot's memory, so building costs no copy of the data.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/figures/options.h"
#include "engine/analysis/member_summary.h"
#include "widgets/line_plot.h"

namespace plateau::figures {

using analysis::without_seed;

/// A curve of the series' points from step `from` on; keeps the chunks alive.
widgets::CurveData curve_data(const training::Series& series, std::int64_t from = 0);

widgets::LinePlot loss_plot(const training::Snapshot& snapshot, const PlotOptions& options);
widgets::LinePlot accuracy_plot(const training::Snapshot& snapshot, const PlotOptions& options);
/// "optimizer/learning-rate" or "attention/temperature".
widgets::LinePlot schedule_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                const std::string& metric);

/// The measures in "saturation/MEASURE/layer{l}".
struct Measure {
  std::string name;  // "entropy"
  std::string title; // "row entropy (normalised)"
  bool logarithmic = false;
};
const std::vector<Measure>& saturation_measures();
const std::vector<Measure>& component_measures(); // "component/MEASURE/layer{l}"

/// One line per layer (and member); with options.layer one line per head of that layer.
widgets::LinePlot saturation_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                  const std::string& measure);
widgets::LinePlot component_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                 const std::string& measure);
/// `kind`: "gradient" (norms), "gradient-mean" (mean absolute) or "weight". `part`: "W_Q" ... "mlp",
/// or "ends" for embedding and readout.
widgets::LinePlot parameter_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                 const std::string& kind, const std::string& part);
const std::vector<std::string>& parameter_parts(); // {"W_Q", "W_K", "W_V", "W_O", "P", "Q", "mlp", "ends"}

/// Events of the chosen members as marks and shaded spans.
void add_events(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options);
/// Plateaus of the chosen members: spans from begin to end (or to the newest step while one lasts). Their ids
/// are the indices of the events at which they begin.
std::vector<widgets::Span> plateau_spans(const training::Snapshot& snapshot, const PlotOptions& options);

} // namespace plateau::figures
