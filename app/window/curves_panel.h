// Loss and accuracy of all visible members.
#pragma once

#include <optional>

#include "app/figures/difference.h"
#include "app/window/curves_look.h"
#include "app/window/seed_bands.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class CurvesPanel {
public:
  explicit CurvesPanel(float smoothing) : smoothing_(smoothing) {}
  void draw(const View& view);
  float smoothing() const { return smoothing_; }
  CurvesLook look() const;
  /// For the run whose members are drawn already: a new one begins with what suits it.
  void set_look(const CurvesLook& look);

private:
  enum Layout { Both, Loss, Accuracy, Difference };

  void begin_run(const View& view);
  void tools(const View& view, bool accuracies);
  void export_button(const View& view);
  figures::PlotOptions options(const View& view) const;
  void differences(const View& view, figures::PlotOptions options, bool accuracies);
  void difference_tools(const View& view);
  int reference(const View& view) const;
  void smoothing_slider(const View& view);

  int run_ = -1;
  int shown_ = Both;
  int average_ = 0; // index into the recorded averages
  bool log_steps_ = false, log_loss_ = false, events_ = true;
  SeedBands seed_bands_;
  float smoothing_; // 0 .. 0.99: share of the run that is averaged over, see options()
  widgets::PlotView loss_, accuracy_;
  std::optional<int> reference_; // of differences; empty: the pinned member, or the first
  bool all_differences_ = false;
  widgets::PlotView loss_difference_, accuracy_difference_;
  figures::DifferenceCache difference_cache_;
};

} // namespace plateau::window
