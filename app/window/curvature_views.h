// Views of the loss's curvature: condition number, directional smoothness, smoothness against gradient norm.
#pragma once

#include <string>
#include <vector>

#include "app/figures/optimizer.h"
#include "app/window/seed_bands.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class ConditionView {
public:
  void draw(const View& view);

private:
  bool live_only_ = false; // without dead parameters
  SeedBands seed_bands_;
  widgets::PlotView entries_, ratio_;
};

class SmoothnessView {
public:
  void draw(const View& view);

private:
  SeedBands seed_bands_;
  widgets::PlotView plot_;
};

/// One scatter plot per visible member, on the same axes; a click goes to the point's step.
class GradientSmoothnessView {
public:
  void draw(const View& view);

private:
  std::string key_;
  std::vector<int> members_; // whose plots these are
  std::vector<widgets::Scatter> plots_;
};

} // namespace plateau::window
