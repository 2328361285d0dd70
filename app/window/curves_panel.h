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
  CurvesLook look(const View& view) const;
  /// In the next frame; for the run whose members are drawn already, as a new one begins with what suits it.
  void set_look(CurvesLook look) { wanted_look_ = std::move(look); }

private:
  enum Layout { Both, Loss, Accuracy, Difference };

  void begin_run(const View& view);
  void take_look(const View& view, const CurvesLook& look);
  void tools(const View& view, bool accuracies);
  void log_steps_box(const View& view);
  void export_button(const View& view);
  figures::PlotOptions options(const View& view) const;
  void differences(const View& view, figures::PlotOptions options, bool accuracies);
  void difference_tools(const View& view);
  int reference(const View& view) const;
  void smoothing_slider(const View& view);

  std::optional<CurvesLook> wanted_look_;
  int run_ = -1;
  int shown_ = Both;
  int average_ = 0; // index into the recorded averages
  bool events_ = true;
  SeedBands seed_bands_;
  float smoothing_; // 0 .. 0.99: share of the run that is averaged over, see options()
  widgets::PlotView loss_, accuracy_;
  std::optional<int> reference_; // of differences; empty: the pinned member, or the first
  bool all_differences_ = false;
  widgets::PlotView loss_difference_, accuracy_difference_;
  figures::DifferenceCache difference_cache_;
};

} // namespace plateau::window
