// Loss and accuracy of all visible members.
#pragma once

#include "app/window/seed_bands.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class CurvesPanel {
public:
  explicit CurvesPanel(float smoothing) : smoothing_(smoothing) {}
  void draw(const View& view);
  float smoothing() const { return smoothing_; }

private:
  enum Layout { Both, Loss, Accuracy };

  void begin_run(const View& view);
  void tools(const View& view, bool accuracies);
  figures::PlotOptions options(const View& view) const;

  int run_ = -1;
  int shown_ = Both;
  int average_ = 0; // index into the recorded averages
  bool log_steps_ = false, log_loss_ = false, events_ = true;
  SeedBands seed_bands_;
  float smoothing_; // 0 .. 0.99: share of the run that is averaged over, see options()
  widgets::PlotView loss_, accuracy_;
};

} // namespace plateau::window
