// Where layer norms stand and when a model generalises: grokking.md 4.5, 1 to 4 and 7.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "engine/analysis/grokking_parts.h"
#include "engine/analysis/statistics.h"

namespace plateau::analysis::grokking {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double generalised = 0.01; // test loss (grokking.md 1.6)
constexpr auto below_one = [](double ratio) { return ratio < 1; };

// ---- 1: memorised, then generalised ----

Finding delay(const Snapshot& snapshot, const Placement& placement, double wanted) {
  const auto members = placed(snapshot, placement);
  return concluded({.name = fmt::format("1-delay-{}", placement.norms),
                    .title = fmt::format("(1) {}: generalises long after it has memorised", placement.name),
                    .measure = "step of 99 % test accuracy / step of 99 % training accuracy",
                    .expected = fmt::format("at least {:.0f}", wanted),
                    .source = paper,
                    .note = bounds({&members}, generalises)},
                   measure_each(members,
                                [&](const MemberView& member) {
                                  return time_or_bound(snapshot, member, generalises) / memorises(member);
                                }),
                   members.size(), [wanted](double ratio) { return ratio >= wanted; });
}

Finding memorisation(const Snapshot& snapshot) {
  BySeed members; // of all placements: their seeds count on
  std::int64_t number = 0;
  for (const auto& placement : placements)
    for (const auto& [seed, member] : placed(snapshot, placement)) members.emplace(number++, member);
  return concluded({.name = "1-memorised",
                    .title = "(1) All placements memorise early",
                    .measure = "step of 99 % training accuracy, members of all placements",
                    .expected = "at most 300",
                    .source = paper},
                   measure_each(members, memorises), members.size(), [](double step) { return step <= 300; });
}

// ---- 2: the order of placements ----

/// Published range of single seeds at p = 113 (grokking.md 2): first step with test loss <= 0.01.
std::optional<std::pair<double, double>> published(const std::string& norms) {
  if (norms == m_a_v.norms) return {{529, 1061}};
  if (norms == m.norms) return {{809, 2055}};
  if (norms == a_v.norms) return {{1523, 1982}};
  if (norms == m_a.norms) return {{2360, 3934}};
  if (norms == a.norms) return {{3647, 7274}};
  if (norms == no_norm.norms) return {{6328, 7935}};
  return {};
}

/// The paper's own setting: p = 113, width 128 (grokking.md 1.1, 1.2).
bool is_faithful(const Snapshot& snapshot) {
  const auto& s = snapshot.study->settings;
  return s.task.modulus == 113 && s.model.width == 128 && s.model.depth == 1;
}

/// When the mean curve over seeds comes down to 0.01 (grokking.md 1.6). A member that was halted, as it had
/// generalised, counts on with its last loss.
double mean_curve_time(const Snapshot& snapshot, const BySeed& members) {
  std::set<std::int64_t> steps;
  for (const auto& [seed, member] : members)
    if (const auto losses = member->series.find("loss/validation"); losses != member->series.end())
      for (std::size_t i = 0; i < losses->second.size(); ++i) steps.insert(losses->second[i].step);
  for (const auto step : steps) {
    double sum = 0;
    for (const auto& [seed, member] : members) {
      const auto losses = member->series.find("loss/validation");
      const bool over = losses != member->series.end() && !losses->second.empty() &&
                        losses->second.back().step < step && is_done(snapshot, *member);
      sum += over ? losses->second.back().value : at_step(*member, "loss/validation", step);
    }
    if (step > 0 && sum / double(members.size()) <= generalised) return double(step);
  }
  return never;
}

Finding placement_time(const Snapshot& snapshot, const Placement& placement) {
  const auto members = placed(snapshot, placement);
  const bool faithful = is_faithful(snapshot);
  const auto range = faithful ? published(placement.norms) : std::nullopt;
  const auto of = [&](const MemberView& member) {
    if (!faithful) return generalises(member);
    return first_step(member, "loss/validation", [](double loss) { return loss <= generalised; });
  };
  Finding finding{
      .name = fmt::format("2-time-{}", placement.norms),
      .title = fmt::format("(2) {}: when it generalises", placement.name),
      .measure = faithful ? "first step with test loss ≤ 0.01" : "first step with 99 % test accuracy",
      .expected =
          range ? fmt::format("{:.0f} to {:.0f}, the published seeds", range->first, range->second) : "",
      .source = paper};
  const auto values = measure_each(members, of); // infinite ones are left out
  if (values.size() < members.size())
    finding.note = fmt::format("{} of {} did within the run.", values.size(), members.size());
  const bool over = std::ranges::all_of(members, [&](const auto& item) {
    return std::isfinite(time_or_bound(snapshot, *item.second, generalises));
  });
  if (faithful && !members.empty()) {
    const double mean = mean_curve_time(snapshot, members);
    finding.note += finding.note.empty() ? "" : " ";
    finding.note += std::isfinite(mean) ? fmt::format("The mean curve reaches 0.01 at step {}.", mean)
                                        : "The mean curve has not come down to 0.01.";
  }
  const std::size_t needed = members.empty() ? 0
                             : over          ? std::max<std::size_t>(values.size(), 1)
                                             : values.size() + 1;
  if (!range) return concluded(std::move(finding), values, needed);
  return concluded(std::move(finding), values, needed,
                   [range](double step) { return step >= range->first && step <= range->second; });
}

std::vector<Finding> order(const Snapshot& snapshot) {
  std::vector<Finding> list;
  for (const auto& placement : placements) list.push_back(placement_time(snapshot, placement));
  const auto ratio = [&](const Placement& fast, const Placement& slow) {
    list.push_back(ratio_of_times(snapshot,
                                  {.name = fmt::format("2-order-{}-{}", fast.norms, slow.norms),
                                   .title = fmt::format("(2) {} generalises before {}", fast.name, slow.name),
                                   .measure = fmt::format("steps of {} / {}", fast.name, slow.name),
                                   .expected = "below 1 (medians)",
                                   .source = paper},
                                  placed(snapshot, fast), placed(snapshot, slow), generalises, below_one));
  };
  ratio(m, m_a);
  ratio(a_v, m_a);
  ratio(m_a, a);
  ratio(m_a, no_norm);
  list.push_back(ratio_of_times(snapshot,
                                {.name = "2-never-qk",
                                 .title = "(2) With norms on queries and keys alone it does not generalise",
                                 .measure = "steps of A^qk / No LN",
                                 .expected = "at least 1.5 (medians)",
                                 .source = paper},
                                placed(snapshot, a_qk), placed(snapshot, no_norm), generalises,
                                [](double ratio) { return ratio >= 1.5; }));
  return list;
}

// ---- 3: attention entropy while memorised ----

/// At step 1000, or at the last measurement before it generalises, if that is earlier (grokking.md 4.5).
double memorised_entropy(const MemberView& member, const std::string& metric) {
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return none;
  const double end = std::min(1000.0, generalises(member) - 1);
  if (double(member.step) < std::min(end, 1000.0)) return none; // not there yet
  const auto after = training::lower_bound(found->second, std::int64_t(end) + 1);
  return after > 0 ? found->second[after - 1].value : none;
}

std::vector<Finding> entropy(const Snapshot& snapshot) {
  constexpr const char* per_head = "features/entropy-per-head";
  std::vector<Finding> list;
  for (const auto& placement : placements) {
    const auto members = placed(snapshot, placement);
    list.push_back(concluded(
        {.name = fmt::format("3-entropy-{}", placement.norms),
         .title = fmt::format("(3) {}: attention entropy while it has only memorised", placement.name),
         .measure = "per head, last row, at step 1000 or the last before it generalises; ln 3 = 1.099",
         .source = paper},
        measure_each(members, [&](const MemberView& member) { return memorised_entropy(member, per_head); }),
        members.size()));
  }
  const auto gap = [&](const Placement& own, bool highest, const char* metric, const char* suffix) {
    const auto members = placed(snapshot, own);
    std::size_t others = 0;
    const auto values = measure_each(members, [&](const MemberView& member) {
      double extreme = highest ? -never : never; // of the others with the same seed
      for (const auto& placement : placements) {
        if (std::string(placement.norms) == own.norms || std::string(placement.norms) == m_a_v.norms)
          continue;
        const auto group = placed(snapshot, placement);
        const auto other = group.find(member.seed);
        if (other == group.end()) continue;
        ++others;
        const double value = memorised_entropy(*other->second, metric);
        if (std::isnan(value)) return none;
        extreme = highest ? std::max(extreme, value) : std::min(extreme, value);
      }
      const double own_value = memorised_entropy(member, metric);
      return highest ? own_value - extreme : extreme - own_value;
    });
    list.push_back(
        concluded({.name = fmt::format("3-{}-{}{}", highest ? "highest" : "lowest", own.norms, suffix),
                   .title = fmt::format("(3) {} has the {} entropy{}", own.name,
                                        highest ? "highest" : "lowest", *suffix ? ", heads averaged" : ""),
                   .measure = highest ? "its entropy − the highest other one (without M+A^v)"
                                      : "the lowest other one (without M+A^v) − its entropy",
                   .expected = "above 0",
                   .source = paper},
                  values, others > 0 ? members.size() : 0, [](double gap) { return gap > 0; }));
  };
  for (const auto& [metric, suffix] :
       {std::pair{per_head, ""}, std::pair{"features/entropy", "-heads-averaged"}}) {
    gap(m, true, metric, suffix);
    gap(a_qk, false, metric, suffix);
  }
  return list;
}

// ---- 4: the shortcut through the norm of the MLP's input ----

std::vector<Finding> shortcut(const Snapshot& snapshot) {
  const auto members = placed(snapshot, no_norm);
  constexpr const char* metric = "loss/shortcut";
  const auto peak = [&](const MemberView& member) {
    double highest = none;
    const auto found = member.series.find(metric);
    if (found == member.series.end()) return highest;
    for (std::size_t i = 0; i < found->second.size(); ++i)
      if (found->second[i].step >= memorises(member)) highest = std::fmax(highest, found->second[i].value);
    return highest;
  };
  const auto first_after = [&](const MemberView& member, double step) {
    const auto found = member.series.find(metric);
    if (found == member.series.end() || !std::isfinite(step)) return none;
    const auto i = training::lower_bound(found->second, std::int64_t(step));
    return i < found->second.size() ? found->second[i].value : none;
  };
  return {
      concluded({.name = "4-shortcut-rises",
                 .title = "(4) No LN: memorising leans on the length of the MLP's input",
                 .measure = "training loss with unit inputs, highest / when memorised",
                 .expected = "above 1.1",
                 .source = paper},
                measure_each(members,
                             [&](const MemberView& member) {
                               if (!std::isfinite(time_or_bound(snapshot, member, generalises))) return none;
                               return peak(member) / first_after(member, memorises(member));
                             }),
                members.size(), [](double ratio) { return ratio > 1.1; }),
      concluded({.name = "4-shortcut-falls",
                 .title = "(4) … and generalising lets go of it",
                 .measure = "training loss with unit inputs, at the end / highest",
                 .expected = "below 0.8",
                 .source = paper,
                 .note = bounds({&members}, generalises)},
                measure_each(members,
                             [&](const MemberView& member) {
                               if (!std::isfinite(generalises(member)) || !is_done(snapshot, member))
                                 return none;
                               const auto found = member.series.find(metric);
                               return found == member.series.end() || found->second.empty()
                                          ? none
                                          : found->second.back().value / peak(member);
                             }),
                std::size_t(std::ranges::count_if(
                    members, [](const auto& item) { return std::isfinite(generalises(*item.second)); })),
                [](double ratio) { return ratio < 0.8; }),
  };
}

// ---- 7: compressibility at the time of generalisation ----

/// Metric around the time of generalisation relative to its level while the model had only memorised.
std::vector<Finding> compressibility(const Snapshot& snapshot) {
  std::vector<Finding> list;
  for (const auto& placement : {m, a_v, m_a, a, no_norm}) {
    const auto members = placed(snapshot, placement);
    const auto done = std::size_t(std::ranges::count_if(members, [&](const auto& item) {
      return std::isfinite(generalises(*item.second)) ||
             std::isnan(time_or_bound(snapshot, *item.second, generalises));
    }));
    list.push_back(concluded(
        {.name = fmt::format("7-effective-rank-{}", placement.norms),
         .title = fmt::format("(7) {}: the features are compressed when it generalises", placement.name),
         .measure = "effective rank at 1.2 × the time of generalisation / highest before",
         .expected = "at most 0.65",
         .source = paper},
        measure_each(members,
                     [&](const MemberView& member) {
                       const double time = generalises(member);
                       if (!std::isfinite(time) || double(member.step) < 1.2 * time) return none;
                       const auto found = member.series.find("features/effective-rank");
                       if (found == member.series.end()) return none;
                       const auto& ranks = found->second;
                       double highest = none;
                       for (std::size_t i = 0; i < ranks.size() && double(ranks[i].step) <= time; ++i)
                         highest = std::fmax(highest, ranks[i].value);
                       const auto after = training::lower_bound(ranks, std::int64_t(1.2 * time) + 1);
                       return after > 0 ? ranks[after - 1].value / highest : none;
                     }),
        done, [](double ratio) { return ratio <= 0.65; }));
    list.push_back(concluded(
        {.name = fmt::format("7-frequencies-{}", placement.norms),
         .title = fmt::format("(7) {}: its embedding gathers in few frequencies then", placement.name),
         .measure =
             "step at which the five strongest frequencies' share is half-way up / time of generalisation",
         .expected = "0.8 to 1.2",
         .source = paper},
        measure_each(members,
                     [&](const MemberView& member) {
                       const double time = generalises(member);
                       if (!std::isfinite(time) || double(member.step) < 1.2 * time) return none;
                       const auto found = member.series.find("features/fourier-top5");
                       if (found == member.series.end() || found->second.empty()) return none;
                       const auto& shares = found->second;
                       double highest = 0;
                       for (std::size_t i = 0; i < shares.size(); ++i)
                         highest = std::max(highest, shares[i].value);
                       const double half = (shares[0].value + highest) / 2;
                       return first_step(member, "features/fourier-top5",
                                         [half](double share) { return share >= half; }) /
                              time;
                     }),
        done, [](double ratio) { return ratio >= 0.8 && ratio <= 1.2; }));
  }
  return list;
}

} // namespace

std::vector<Finding> of_placements(const Snapshot& snapshot) {
  std::vector<Finding> list{memorisation(snapshot), delay(snapshot, m, 5), delay(snapshot, no_norm, 20)};
  for (auto& part : {order(snapshot), entropy(snapshot), shortcut(snapshot), compressibility(snapshot)})
    list.insert(list.end(), part.begin(), part.end());
  return list;
}

} // namespace plateau::analysis::grokking
