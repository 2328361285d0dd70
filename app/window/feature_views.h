// Views of what a model of modular arithmetic has found (grokking.md 4.4).
#pragma once

#include <memory>
#include <string>

#include "app/figures/features.h"
#include "app/window/metric_table.h"
#include "app/window/tab_parts.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

/// The embedding's frequencies, and the circle that its tokens form.
class EmbeddingView {
public:
  void draw(const View& view, CurveScope& scope);

private:
  MetricTable table_;
};

/// Eigenvalues of the features, and ranks.
class SpectrumView {
public:
  void draw(const View& view, CurveScope& scope);

private:
  widgets::PlotView spectrum_;
  MetricTable table_;
};

/// How the operands are attended to.
class OperandView {
public:
  void draw(const View& view, CurveScope& scope);

private:
  MetricTable table_;
};

/// What the losses owe to the circuit and to the length of the MLP's input.
class CircuitView {
public:
  void draw(const View& view);

private:
  CurveScope scope_{false}; // one member's losses in one plot say most
  widgets::PlotView plot_;
  MetricTable table_;
};

/// The right class's logit for all pairs; margins and size.
class LogitView {
public:
  void draw(const View& view, CurveScope& scope);

private:
  void map(const View& view, widgets::Size size);

  std::string key_;
  std::shared_ptr<const training::Tensor> logits_;
  widgets::HeatMapGrid grid_;
  widgets::PlotView diagonal_;
  MetricTable table_;
};

/// Norms of weights, updates and gradients.
class NormView {
public:
  void draw(const View& view, CurveScope& scope);

private:
  MetricTable table_;
};

} // namespace plateau::window
