// The list of icl-plateaus.md 7.5: what must be visible of the plateau of in-context learning and of the ways
// out of it. Members are told apart by their strategy.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "engine/analysis/statistics.h"
#include "engine/analysis/timed_findings.h"

namespace plateau::analysis {
namespace {

using study::Settings;

constexpr const char* paper =
    "Fu et al., Breaking through the Learning Plateaus of In-context Learning in Transformer, ICML 2024";
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Accuracy above chance, in the last quarter of a sequence, that ends the plateau, and evaluations in a row
/// (icl-plateaus.md 7.4).
constexpr double break_margin = 0.10;
constexpr int break_evaluations = 3;

double chance(const MemberView& member) {
  return 1 / double(member.settings.task.levels);
}

/// The step at which the plateau breaks.
double breaks(const MemberView& member) {
  return first_step(
      member, "accuracy/late", [&](double accuracy) { return accuracy > chance(member) + break_margin; },
      break_evaluations);
}

/// Those that what comes after the break can be said of: they broke, or still may. Where none did, all of
/// them: the statement stays open.
BySeed broken(const Snapshot& snapshot, const BySeed& members) {
  BySeed found;
  for (const auto& [seed, member] : members)
    if (std::isfinite(breaks(*member)) || !is_done(snapshot, *member)) found.emplace(seed, member);
  return found.empty() ? members : found;
}

struct Groups {
  BySeed baseline, extra, rule, mixed, warm_up, fixed;

  explicit Groups(const Snapshot& snapshot) {
    const auto where = [&](const std::function<bool(const study::StrategySettings&)>& is_one) {
      return all_members_where(snapshot, [&](const Settings& s) { return is_one(s.strategy); });
    };
    const auto plain = [](const study::StrategySettings& s) {
      return s.fixed_share == 0 && s.fixed_first == 0;
    };
    baseline = where([&](const auto& s) { return plain(s) && s.extra_loss == 0; });
    extra =
        where([&](const auto& s) { return plain(s) && s.extra_loss > 0 && s.extra_target == "attributes"; });
    rule = where([&](const auto& s) { return plain(s) && s.extra_loss > 0 && s.extra_target == "rule"; });
    mixed = where([](const auto& s) {
      return s.extra_loss == 0 && s.fixed_first == 0 && s.fixed_share > 0 && s.fixed_share < 1;
    });
    warm_up =
        where([](const auto& s) { return s.extra_loss == 0 && s.fixed_first > 0 && s.fixed_share == 0; });
    fixed = where([](const auto& s) { return s.extra_loss == 0 && s.fixed_share == 1; });
  }
};

// ---- 1: the plateau and its end ----

/// The middle of the plateau, where neither start nor break reach.
struct Middle {
  std::int64_t begin, end;
};
std::optional<Middle> middle_of_plateau(const Snapshot& snapshot, const MemberView& member) {
  const double end = time_or_bound(snapshot, member, breaks);
  if (!std::isfinite(end)) return {};
  return Middle{std::int64_t(0.25 * end), std::int64_t(0.9 * end)};
}

std::vector<Finding> plateau(const Snapshot& snapshot, const BySeed& members) {
  const auto at_end = [&](const MemberView& member, const std::string& metric) {
    const auto window = std::max<std::int64_t>(1, snapshot.planned_steps / 20);
    return is_done(snapshot, member) && std::isfinite(breaks(member))
               ? mean_over(member, metric, member.step - window, member.step)
               : none;
  };
  const auto after = broken(snapshot, members);
  const auto position = [](std::int64_t i) { return fmt::format("context/accuracy/position{}", i); };
  return {
      concluded(
          {.name = "1-length",
           .title = "(1) Labels drawn anew: a long plateau",
           .measure = "steps until accuracy in the last quarter is 0.1 above chance",
           .expected = "at least 1500",
           .source = paper,
           .note = bounds({&members}, breaks)},
          measure_each(members,
                       [&](const MemberView& member) { return time_or_bound(snapshot, member, breaks); }),
          members.size(), [](double steps) { return steps >= 1500; }),
      concluded({.name = "1-level",
                 .title = "(1) … at the loss of who knows only the labels' frequencies",
                 .measure = "validation loss on the plateau / ln(number of labels)",
                 .expected = "within 0.03 of 1",
                 .source = paper},
                measure_each(members,
                             [&](const MemberView& member) {
                               const auto middle = middle_of_plateau(snapshot, member);
                               if (!middle) return none;
                               return median_over(member, "loss/validation", middle->begin, middle->end) /
                                      -std::log(chance(member));
                             }),
                members.size(), [](double ratio) { return std::abs(ratio - 1) <= 0.03; }),
      concluded({.name = "1-positions",
                 .title = "(1) What is learnt afterwards comes from the context: more at later places",
                 .measure = "accuracy at the last place − at the second, at the end",
                 .expected = "above 0.1",
                 .source = paper},
                measure_each(after,
                             [&](const MemberView& member) {
                               return at_end(member, position(member.settings.task.pairs)) -
                                      at_end(member, position(2));
                             }),
                after.size(), [](double difference) { return difference > 0.1; }),
      concluded(
          {.name = "1-first-position",
           .title = "(1) … and the first place stays at chance",
           .measure = "accuracy at the first place − chance, at the end",
           .expected = "within 0.05 of 0",
           .source = paper},
          measure_each(
              after, [&](const MemberView& member) { return at_end(member, position(1)) - chance(member); }),
          after.size(), [](double difference) { return std::abs(difference) <= 0.05; }),
  };
}

// ---- 2: the weights component on the plateau ----

std::string weights_score(const MemberView& member) {
  return fmt::format("component/weights-score/layer{}", member.settings.model.depth);
}

double first_value(const MemberView& member, const std::string& metric) {
  const auto found = member.series.find(metric);
  return found == member.series.end() || found->second.empty() ? none : found->second[0].value;
}

double on_plateau(const Snapshot& snapshot, const MemberView& member, const std::string& metric) {
  const auto middle = middle_of_plateau(snapshot, member);
  return middle ? mean_over(member, metric, middle->begin, middle->end) : none;
}

/// Of the last measurement before a step.
double before(const MemberView& member, const std::string& metric, double step) {
  const auto found = member.series.find(metric);
  if (found == member.series.end() || !std::isfinite(step)) return none;
  const auto after = training::lower_bound(found->second, std::int64_t(step));
  return after > 0 ? found->second[after - 1].value : none;
}

/// Of a member whose plateau broke.
double at_the_end(const Snapshot& snapshot, const MemberView& member, const std::string& metric) {
  const auto found = member.series.find(metric);
  if (found == member.series.end() || found->second.empty()) return none;
  return is_done(snapshot, member) && std::isfinite(breaks(member)) ? found->second.back().value : none;
}

std::vector<Finding> weights_component(const Snapshot& snapshot, const Groups& groups) {
  const char* measure = "accuracy of a linear probe for the factors on w of the last layer, held-out items";
  const auto after = broken(snapshot, groups.baseline);
  std::vector<Finding> list;
  list.push_back(concluded({.name = "2-flat",
                            .title = "(2) On the plateau the weights component does not improve",
                            .measure = fmt::format("{}: on the plateau − untrained", measure),
                            .expected = "within 0.05 of 0",
                            .source = paper,
                            .note = "Few held-out items: single values are good to about 0.03."},
                           measure_each(groups.baseline,
                                        [&](const MemberView& m) {
                                          return on_plateau(snapshot, m, weights_score(m)) -
                                                 first_value(m, weights_score(m));
                                        }),
                           groups.baseline.size(), [](double change) { return std::abs(change) <= 0.05; }));
  list.push_back(concluded({.name = "2-rises",
                            .title = "(2) … it does when the plateau breaks",
                            .measure = fmt::format("{}: at the end − on the plateau", measure),
                            .expected = "above 0.03",
                            .source = paper,
                            .note = bounds({&groups.baseline}, breaks)},
                           measure_each(after,
                                        [&](const MemberView& m) {
                                          return at_the_end(snapshot, m, weights_score(m)) -
                                                 on_plateau(snapshot, m, weights_score(m));
                                        }),
                           after.size(), [](double change) { return change > 0.03; }));
  list.push_back(concluded({.name = "2-extra-first",
                            .title = "(2) With the extra loss it improves before the break",
                            .measure = fmt::format("{}: last before the break − untrained", measure),
                            .expected = "above 0.03",
                            .source = paper},
                           measure_each(groups.extra,
                                        [&](const MemberView& m) {
                                          return before(m, weights_score(m),
                                                        time_or_bound(snapshot, m, breaks)) -
                                                 first_value(m, weights_score(m));
                                        }),
                           groups.extra.size(), [](double change) { return change > 0.03; }));
  return list;
}

// ---- 3 to 5: the strategies ----

std::vector<Finding> strategies(const Snapshot& snapshot, const Groups& groups) {
  std::vector<Finding> list;
  const auto shortens = [&](const char* name, const char* title, const char* expected, const BySeed& members,
                            const std::function<bool(double)>& holds, const char* note = "") {
    list.push_back(ratio_of_times(snapshot,
                                  {.name = name,
                                   .title = title,
                                   .measure = "length of its plateau / of the plain run's",
                                   .expected = expected,
                                   .source = paper,
                                   .note = note},
                                  members, groups.baseline, breaks, holds));
  };
  shortens("3-extra", "(3) The extra weights loss shortens the plateau", "at most 0.6 (medians)",
           groups.extra, [](double ratio) { return ratio <= 0.6; });
  shortens("3-mixed", "(3) Mixed training shortens the plateau", "below 1 (medians)", groups.mixed,
           [](double ratio) { return ratio < 1; });
  shortens("3-rule", "(3) Control: the extra loss asks for the rule instead", "", groups.rule, {},
           "In the paper's code the control; held to help less.");
  list.push_back(ratio_of_times(
      snapshot,
      {.name = "4-fixed",
       .title = "(4) A mapping that never changes is learnt much earlier",
       .measure = "steps to 50 % with the fixed mapping alone / length of the plain run's plateau",
       .expected = "at most 0.5 (medians)",
       .source = paper},
      groups.fixed, groups.baseline,
      [&](const MemberView& member) {
        if (member.settings.strategy.fixed_share < 1) return breaks(member);
        return first_step(member, "accuracy/fixed-mapping", [](double accuracy) { return accuracy >= 0.5; });
      },
      [](double ratio) { return ratio <= 0.5; }));
  list.push_back(ratio_of_times(
      snapshot,
      {.name = "5-warm-up",
       .title = "(5) Weights warm-up",
       .measure = "step of the break, warm-up included / length of the plain run's plateau",
       .expected = "",
       .source = paper,
       .note = "The paper claims an acceleration; at this size none was seen before (icl-plateaus.md 7.2)."},
      groups.warm_up, groups.baseline, breaks));
  return list;
}

// ---- 6: what heads do at the break ----

double over_heads(const MemberView& member, const std::string& metric,
                  const std::function<double(const std::string&)>& of) {
  const auto& model = member.settings.model;
  double sum = 0;
  for (std::int64_t head = 1; head <= model.heads; ++head)
    sum += of(fmt::format("{}/layer{}/head{}", metric, model.depth, head));
  return sum / double(model.heads);
}

double best_head(const MemberView& member, const std::string& metric,
                 const std::function<double(const std::string&)>& of) {
  const auto& model = member.settings.model;
  double best = none;
  for (std::int64_t layer = 1; layer <= model.depth; ++layer)
    for (std::int64_t head = 1; head <= model.heads; ++head)
      best = std::fmax(best, of(fmt::format("{}/layer{}/head{}", metric, layer, head)));
  return best;
}

std::vector<Finding> heads(const Snapshot& snapshot, const BySeed& members) {
  const auto then = [&](const MemberView& m) {
    return [&](const std::string& metric) { return on_plateau(snapshot, m, metric); };
  };
  const auto now = [&](const MemberView& m) {
    return [&](const std::string& metric) { return at_the_end(snapshot, m, metric); };
  };
  return {
      concluded({.name = "6-entropy",
                 .title = "(6) Attention in the last layer becomes narrower",
                 .measure = "normalised row entropy, mean over heads: at the end / on the plateau",
                 .expected = "below 1",
                 .source = "icl-plateaus.md 7.2",
                 .note = bounds({&members}, breaks)},
                measure_each(members,
                             [&](const MemberView& m) {
                               return over_heads(m, "saturation/entropy", now(m)) /
                                      over_heads(m, "saturation/entropy", then(m));
                             }),
                members.size(), [](double ratio) { return ratio < 1; }),
      concluded({.name = "6-induction",
                 .title = "(6) A head finds the labels of like items",
                 .measure = "induction score of the best head: at the end − on the plateau",
                 .expected = "above 0.1",
                 .source = "icl-plateaus.md 7.5"},
                measure_each(members,
                             [&](const MemberView& m) {
                               return best_head(m, "head/induction", now(m)) -
                                      best_head(m, "head/induction", then(m));
                             }),
                members.size(), [](double difference) { return difference > 0.1; }),
  };
}

} // namespace

std::vector<Finding> icl_findings(const Snapshot& snapshot) {
  const Groups groups(snapshot);
  std::vector<Finding> list;
  for (auto& part : {plateau(snapshot, groups.baseline), weights_component(snapshot, groups),
                     strategies(snapshot, groups), heads(snapshot, broken(snapshot, groups.baseline))})
    list.insert(list.end(), part.begin(), part.end());
  return list;
}

} // namespace plateau::analysis
