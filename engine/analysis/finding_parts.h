// Internal: what the statements of single studies are computed with.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/analysis/findings.h"

namespace plateau::analysis {

using training::MemberView;
using training::Snapshot;

std::vector<Finding> linear_findings(const Snapshot& snapshot);
std::vector<Finding> laser_findings(const Snapshot& snapshot);
std::vector<Finding> grokking_findings(const Snapshot& snapshot);
std::vector<Finding> icl_findings(const Snapshot& snapshot);

/// The metric's value at `step` exactly; NaN when there is none.
double at_step(const MemberView& member, const std::string& metric, std::int64_t step);
/// Median of the metric's finite values at steps in [begin, end]; NaN when there are none.
double median_over(const MemberView& member, const std::string& metric, std::int64_t begin, std::int64_t end);
double mean_over(const MemberView& member, const std::string& metric, std::int64_t begin, std::int64_t end);

/// Members that are no forks, have not been halted (as those are that diverge) and satisfy `is_one`, by seed.
using BySeed = std::map<std::int64_t, const MemberView*>;
BySeed members_where(const Snapshot& snapshot, const std::function<bool(const study::Settings&)>& is_one);

/// `measure` of each seed that both have; seeds without a finite value are left out.
std::vector<double> compare(const BySeed& first, const BySeed& second,
                            const std::function<double(const MemberView&, const MemberView&)>& measure);
std::vector<double> measure_each(const BySeed& members,
                                 const std::function<double(const MemberView&)>& measure);

/// Fills in mean, deviation and verdict: shown when `holds` of the mean. Without `holds`: only reported.
/// Fewer values than seeds leave it open; where there are no seeds the study has no members for it, and it
/// has no name.
Finding concluded(Finding finding, std::vector<double> values, std::size_t seeds,
                  const std::function<bool(double)>& holds = {});

} // namespace plateau::analysis
