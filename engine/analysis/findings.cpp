#include "engine/analysis/findings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "engine/analysis/finding_parts.h"
#include "engine/analysis/statistics.h"

namespace plateau::analysis {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::vector<double> values_over(const MemberView& member, const std::string& metric, std::int64_t begin,
                                std::int64_t end) {
  std::vector<double> values;
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return values;
  for (auto i = training::lower_bound(found->second, begin);
       i < found->second.size() && found->second[i].step <= end; ++i)
    if (std::isfinite(found->second[i].value)) values.push_back(found->second[i].value);
  return values;
}

bool uses_laser(const Snapshot& snapshot) {
  return snapshot.study->settings.model.kind == "decoder" &&
         std::ranges::any_of(snapshot.members, [](const MemberView& member) {
           return member.parent < 0 && member.settings.attention.laser != "off";
         });
}

} // namespace

std::string number_text(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  return size >= 1e3 && size < 1e6 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

const char* to_string(Finding::Verdict verdict) {
  switch (verdict) {
  case Finding::Verdict::Open:
    return "open";
  case Finding::Verdict::Reported:
    return "reported";
  case Finding::Verdict::Shown:
    return "shown";
  case Finding::Verdict::NotShown:
    return "not shown";
  }
  return "";
}

double at_step(const MemberView& member, const std::string& metric, std::int64_t step) {
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return none;
  const auto i = training::lower_bound(found->second, step);
  return i < found->second.size() && found->second[i].step == step ? found->second[i].value : none;
}

double median_over(const MemberView& member, const std::string& metric, std::int64_t begin,
                   std::int64_t end) {
  return median(values_over(member, metric, begin, end));
}

double mean_over(const MemberView& member, const std::string& metric, std::int64_t begin, std::int64_t end) {
  const auto values = values_over(member, metric, begin, end);
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size()); // NaN for none
}

BySeed members_where(const Snapshot& snapshot, const std::function<bool(const study::Settings&)>& is_one) {
  BySeed found;
  for (const auto& member : snapshot.members)
    if (member.parent < 0 && member.training && is_one(member.settings)) found.emplace(member.seed, &member);
  return found;
}

std::vector<double> compare(const BySeed& first, const BySeed& second,
                            const std::function<double(const MemberView&, const MemberView&)>& measure) {
  std::vector<double> values;
  for (const auto& [seed, member] : first)
    if (const auto other = second.find(seed); other != second.end())
      if (const double value = measure(*member, *other->second); std::isfinite(value))
        values.push_back(value);
  return values;
}

std::vector<double> measure_each(const BySeed& members,
                                 const std::function<double(const MemberView&)>& measure) {
  return compare(members, members,
                 [&](const MemberView& member, const MemberView&) { return measure(member); });
}

Finding concluded(Finding finding, std::vector<double> values, std::size_t seeds,
                  const std::function<bool(double)>& holds) {
  finding.values = std::move(values);
  finding.mean = finding.deviation = none;
  if (seeds == 0) finding.name.clear();
  if (finding.values.empty()) return finding;
  const auto count = double(finding.values.size());
  finding.mean = std::accumulate(finding.values.begin(), finding.values.end(), 0.0) / count;
  if (finding.values.size() > 1) // of the sample
    finding.deviation = moments(finding.values).deviation * std::sqrt(count / (count - 1));
  if (finding.values.size() < seeds) return finding;
  using Verdict = Finding::Verdict;
  finding.verdict = !holds ? Verdict::Reported : holds(finding.mean) ? Verdict::Shown : Verdict::NotShown;
  return finding;
}

std::vector<Finding> findings(const Snapshot& snapshot) {
  if (!snapshot.study) return {};
  const auto& settings = snapshot.study->settings;
  std::vector<Finding> list;
  if (settings.model.kind == "linear-transformer") list = linear_findings(snapshot);
  if (settings.model.kind == "arithmetic-transformer") list = grokking_findings(snapshot);
  if (settings.task.kind == "factor-labels") list = icl_findings(snapshot);
  if (uses_laser(snapshot)) list = laser_findings(snapshot);
  std::erase_if(list, [](const Finding& finding) { return finding.name.empty(); });
  return list;
}

} // namespace plateau::analysis
