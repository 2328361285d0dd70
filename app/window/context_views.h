// Views of what comes from the context and what from the weights (icl-plateaus.md 7.4).
#pragma once

#include <map>
#include <string>

#include "app/figures/in_context.h"
#include "app/window/metric_table.h"
#include "app/window/tab_parts.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

/// Accuracy or loss by place in the sequence: over the steps, and at the step shown.
class PositionView {
public:
  static bool recorded(const View& view);
  void draw(const View& view, CurveScope& scope);

private:
  void history(const View& view, const std::string& metric, widgets::Size size);

  int measure_ = 0; // accuracy, loss
  std::string key_;
  widgets::HistogramHistory history_;
  widgets::PlotView curve_;
};

/// Curves under a common legend: context against weights, or how collapsed the states are.
class ScoreView {
public:
  ScoreView(const char* id, std::span<const figures::MetricPlot> plots) : id_(id), plots_(plots) {}
  bool recorded(const View& view) const;
  void draw(const View& view, CurveScope& scope);

private:
  const char* id_;
  std::span<const figures::MetricPlot> plots_;
  MetricTable table_;
};

/// What each component can do alone, and where the rule is known.
class ComponentScoreView {
public:
  static bool recorded(const View& view);
  void draw(const View& view, CurveScope& scope);

private:
  MetricTable table_;
  widgets::PlotView by_position_;
};

/// What heads look for: a table at the step shown, curves per layer.
class HeadView {
public:
  static bool recorded(const View& view);
  void draw(const View& view);

private:
  int score_ = 0; // index into the recorded ones
  widgets::Hidden hidden_;
  std::map<std::string, widgets::PlotView> plots_;
};

} // namespace plateau::window
