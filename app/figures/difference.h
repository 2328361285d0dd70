// How far members are from another one, over the steps.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "app/figures/curves.h"

namespace plateau::figures {

/// Differences that were made before: a plot of a long run is built for each frame.
class DifferenceCache {
public:
  /// values - reference at the steps that both have; `metric` is the name of both.
  widgets::CurveData get(const training::MemberView& member, const training::MemberView& reference,
                         const std::string& metric);

private:
  struct Known {
    training::Series values, reference; // kept, so that no other curve can take their place in memory
    widgets::CurveData difference;
  };
  std::map<std::tuple<int, int, std::string>, Known> known_; // by the members' ids and the metric
};

/// The member that is subtracted: options.reference, else the first of the run; null without members.
const training::MemberView* reference_member(const training::Snapshot& snapshot, const PlotOptions& options);

/// Losses of the chosen members less those of the reference.
widgets::LinePlot loss_difference_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                       DifferenceCache& cache);
widgets::LinePlot accuracy_difference_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                           DifferenceCache& cache);

} // namespace plateau::figures
