// How far the softmax is from letting gradients through: curves per layer, and log10 a over time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/window/view.h"
#include "widgets/histogram.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class SaturationTab {
public:
  void draw(const View& view);

private:
  void tools(const View& view, int layers);
  void history(const View& view, widgets::Size size);

  int measure_ = 0; // index into figures::saturation_measures()
  int layer_ = 0;   // 0: all
  bool all_members_ = false;
  std::map<std::string, widgets::PlotView> plots_; // by measure

  // Pictures of the histograms, and what they were made from.
  std::vector<widgets::HistogramHistory> histories_;
  std::string histories_key_;
};

} // namespace plateau::window
