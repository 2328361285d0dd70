// Small plots over steps, each declared by the metrics that it shows: what a model of modular arithmetic has
// found, and what comes from the context (probes/catalogue.cpp explains the metrics).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/figures/options.h"
#include "widgets/line_plot.h"

namespace plateau::figures {

struct MetricCurve {
  std::string name;       // beside others of the plot: "train"; empty: the only one
  std::string metric;     // "loss/restricted"
  bool per_layer = false; // "METRIC/layer1", "METRIC/layer2" …
  bool per_batch = false; // noisy: smoothed
  bool reference = false; // what others are compared with: dim and dashed
  int color = 0;          // in the theme's palette, where one member is drawn
};

struct MetricPlot {
  std::string name;  // "effective-rank"; no other plot has it
  std::string title; // "effective rank"
  std::vector<MetricCurve> curves;
  bool logarithmic = false;
  widgets::NumberStyle numbers = widgets::NumberStyle::Plain;
  std::optional<widgets::Range> at_least = {}, at_most = {}; // of the y axis
  std::vector<widgets::HorizontalGuide> guides = {};
};

// --- of modular arithmetic (grokking.md 1.6, 4.4)
std::span<const MetricPlot> embedding_plots(); // strongest frequencies, concentration, spectral entropy
std::span<const MetricPlot> rank_plots();      // effective, numerical and stable rank, tail exponent
std::span<const MetricPlot> entropy_plots();   // of attention
std::span<const MetricPlot> logit_plots();     // margins, size, softmax collapse
std::span<const MetricPlot> norm_plots();      // of weights, updates and gradients; decay; kernel drift
/// Losses of the whole model and of parts of it: all in one, and each alone.
const MetricPlot& circuit_plot();
std::span<const MetricPlot> circuit_plots();

// --- of learning in context (icl-plateaus.md 7.4)
std::span<const MetricPlot> score_plots();     // context against weights; second losses; reference predictors
std::span<const MetricPlot> component_plots(); // what either component can do alone; the rule
std::span<const MetricPlot> collapse_plots();  // of last states and logits

/// The chosen members' curves: one member alone has a colour for each sort of curve, several have a colour
/// each and dashes tell the sorts. No curve where nothing of it was recorded.
widgets::LinePlot metric_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                              const MetricPlot& plot);
/// Those of them that have a curve.
std::vector<widgets::LinePlot> metric_plots(const training::Snapshot& snapshot, const PlotOptions& options,
                                            std::span<const MetricPlot> plots);

} // namespace plateau::figures
