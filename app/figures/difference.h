// How far members are from another one, over the steps.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "app/figures/curves.h"

namespace plateau::figures {

/// Differences that were made before: a plot of a long run is built for each frame.
class DifferenceCache {
public:
  /// values - reference at the steps that both have.
  widgets::CurveData get(const training::Series& values, const training::Series& reference);

private:
  using Key = std::pair<const void*, const void*>; // the series' last points
  std::map<Key, widgets::CurveData> known_;
};

/// The member that is subtracted: options.reference, else the first of the run; null without members.
const training::MemberView* reference_member(const training::Snapshot& snapshot, const PlotOptions& options);

/// Losses of the chosen members less those of the reference.
widgets::LinePlot loss_difference_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                       DifferenceCache& cache);
widgets::LinePlot accuracy_difference_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                           DifferenceCache& cache);

} // namespace plateau::figures
