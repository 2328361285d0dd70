// Internal: statements about when something happens, which within a run may not happen at all.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "engine/analysis/finding_parts.h"

namespace plateau::analysis {

inline constexpr double never = std::numeric_limits<double>::infinity();

/// The step at which it happens to a member; infinite: it has not.
using TimeOf = std::function<double(const MemberView&)>;

/// The first step after 0 from which on the metric fulfils `holds` `in_a_row` times.
template<class Condition>
double first_step(const MemberView& member, const std::string& metric, const Condition& holds,
                  int in_a_row = 1) {
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return never;
  const auto& series = found->second;
  std::size_t begin = 0;
  int held = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i].step == 0 || !holds(series[i].value)) {
      held = 0;
      continue;
    }
    if (held++ == 0) begin = i;
    if (held == in_a_row) return double(series[begin].step);
  }
  return never;
}

/// Members that are no forks, have not diverged and satisfy `is_one`, by seed; also those that were halted
/// when they had nothing more to learn.
BySeed all_members_where(const Snapshot& snapshot, const std::function<bool(const study::Settings&)>& is_one);

/// Is there nothing more to come of this member?
bool is_done(const Snapshot& snapshot, const MemberView& member);

/// Where it has not happened: how long the member was trained, which its time exceeds. NaN while it trains
/// on.
double time_or_bound(const Snapshot& snapshot, const MemberView& member, const TimeOf& time);

/// Says how many of these members' times are only lower bounds; empty for none.
std::string bounds(std::initializer_list<const BySeed*> groups, const TimeOf& time);

/// `finding` with the values time(first) / time(second) by seed. Single seeds scatter widely: the medians'
/// ratio decides; the finding stays open where it cannot be told because it happens to too few of them.
Finding ratio_of_times(const Snapshot& snapshot, Finding finding, const BySeed& first, const BySeed& second,
                       const TimeOf& time, const std::function<bool(double)>& holds = {});

} // namespace plateau::analysis
