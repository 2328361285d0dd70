// What a paper says, and what this run shows of it.
#pragma once

#include <span>
#include <vector>

#include "app/window/view.h"
#include "engine/analysis/findings.h"

namespace plateau::window {

/// The table; for tests with findings of their own.
void draw_findings(const View& view, std::span<const analysis::Finding> findings);

class FindingsTab {
public:
  /// Once per frame, before it is asked whether there are any: looks at the run again now and then.
  void update(const View& view);
  bool empty() const { return findings_.empty(); }
  void draw(const View& view) const { draw_findings(view, findings_); }

private:
  std::vector<analysis::Finding> findings_;
  int run_ = -1;
  std::int64_t step_ = -1; // of what findings_ were made from
  training::State state_ = training::State::Preparing;
  double next_ = 0; // ImGui time
};

} // namespace plateau::window
