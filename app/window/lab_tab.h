// The Attention lab: one row of scores and values in the hands of a person, no training needed. What each
// variant makes of it, and what LASER does to its gradients (laser.md B2).
#pragma once

#include <vector>

#include "app/window/field_editor.h"
#include "app/window/view.h"
#include "engine/attention/row_reading.h"
#include "engine/study/settings.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class LabTab {
public:
  LabTab();
  void draw(const View& view);

private:
  void row_controls(const View& view);
  void row_plots(const View& view);
  void race_controls(const View& view);
  void race_plots(const View& view);
  void draw_anew();
  void update_row(const View& view);
  void update_race(const View& view);
  widgets::Range score_range() const;
  /// Label and slider on one line; true when it was moved.
  bool slider(const View& view, const char* id, const char* label, float& value, float low, float high,
              const char* format, bool logarithmic = false);

  int mode_ = 0; // one row, two tokens
  bool stale_ = true;
  bool dark_ = false; // the theme that pictures were made with

  // One row.
  study::AttentionSettings settings_; // the variant and what it can be set to; temperature
  std::vector<double> scores_, values_;
  float tokens_ = 12, score_spread_ = 2, value_spread_ = 2, correlation_ = 0, temperature_ = 1;
  unsigned seed_ = 1;
  attention::RowReading reading_;
  widgets::Histogram score_bars_, value_bars_, weight_bars_;
  widgets::HeatMap jacobian_;
  widgets::LinePlot gradient_;
  widgets::PlotView gradient_view_;
  FieldEditor editor_;

  // Two tokens.
  float difference_ = 4, start_ = -8;
  int target_ = 0; // the higher value, the lower
  attention::EscapeRace plain_race_, laser_race_;
  widgets::LinePlot slopes_, errors_;
  widgets::PlotView slopes_view_, errors_view_;
};

} // namespace plateau::window
