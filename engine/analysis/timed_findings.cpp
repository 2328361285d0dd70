#include "engine/analysis/timed_findings.h"

#include <fmt/format.h>

#include "engine/analysis/statistics.h"

namespace plateau::analysis {
namespace {

/// Its last loss is no number: how long it was trained says nothing.
bool diverged(const MemberView& member) {
  const auto losses = member.series.find("loss/train");
  return losses != member.series.end() && !losses->second.empty() &&
         !std::isfinite(losses->second.back().value);
}

/// Is the median over seeds a time, and no bound?
bool happens_to_most(const BySeed& members, const TimeOf& time) {
  std::size_t count = 0;
  for (const auto& [seed, member] : members) count += std::isfinite(time(*member));
  return count > members.size() / 2;
}

} // namespace

BySeed all_members_where(const Snapshot& snapshot,
                         const std::function<bool(const study::Settings&)>& is_one) {
  BySeed found;
  for (const auto& member : snapshot.members)
    if (member.parent < 0 && !diverged(member) && is_one(member.settings))
      found.emplace(member.seed, &member);
  return found;
}

bool is_done(const Snapshot& snapshot, const MemberView& member) {
  return member.step >= snapshot.planned_steps || (!member.training && member.step > 0);
}

double time_or_bound(const Snapshot& snapshot, const MemberView& member, const TimeOf& time) {
  const double known = time(member);
  if (std::isfinite(known)) return known;
  return is_done(snapshot, member) ? double(member.step) : std::numeric_limits<double>::quiet_NaN();
}

std::string bounds(std::initializer_list<const BySeed*> groups, const TimeOf& time) {
  int count = 0;
  for (const auto* group : groups)
    for (const auto& [seed, member] : *group) count += !std::isfinite(time(*member));
  if (count == 0) return "";
  return fmt::format("{} within the run: its length stands for {}.",
                     count == 1 ? "One member does not get there"
                                : fmt::format("{} members do not get there", count),
                     count == 1 ? "the time" : "their times");
}

Finding ratio_of_times(const Snapshot& snapshot, Finding finding, const BySeed& first, const BySeed& second,
                       const TimeOf& time, const std::function<bool(double)>& holds) {
  const auto of = [&](const MemberView& member) { return time_or_bound(snapshot, member, time); };
  const auto note = bounds({&first, &second}, time);
  if (!note.empty()) finding.note += (finding.note.empty() ? "" : " ") + note;
  const auto values = compare(
      first, second, [&](const MemberView& one, const MemberView& other) { return of(one) / of(other); });
  const double medians = median(measure_each(first, of)) / median(measure_each(second, of));
  const auto seeds = std::min(first.size(), second.size());
  if (!holds) return concluded(std::move(finding), values, seeds);
  // Of a median that is only a lower bound the ratio has but one end: what differs between its ends is open.
  const double low = happens_to_most(second, time) ? medians : 0,
               high = happens_to_most(first, time) ? medians : never;
  if (values.size() < seeds || std::isnan(medians) || holds(low) == holds(high))
    return concluded(std::move(finding), values, seeds, [medians, holds](double) { return holds(medians); });
  finding.note += " Too few of them to tell.";
  return concluded(std::move(finding), values, values.size() + 1);
}

} // namespace plateau::analysis
