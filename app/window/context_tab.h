// What models read from the sequence and what they know by heart (icl-plateaus.md 7.4).
#pragma once

#include <optional>

#include "app/window/context_views.h"
#include "app/window/view.h"

namespace plateau::window {

class ContextTab {
public:
  void draw(const View& view);

private:
  /// The first view that has something to show.
  int first_recorded(const View& view) const;

  std::optional<int> chosen_; // by the person; index into the views
  CurveScope scope_{true};
  PositionView positions_;
  ScoreView scores_{"context-scores", figures::score_plots()};
  ComponentScoreView components_;
  HeadView heads_;
  ScoreView collapse_{"collapse-curves", figures::collapse_plots()};
};

} // namespace plateau::window
