// The list of laser.md B6: what LASER does to gradients and losses at this size. Reported rather than judged:
// the paper's differences are a few hundredths of a nat at 300 million parameters.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "engine/analysis/finding_parts.h"
#include "engine/analysis/statistics.h"

namespace plateau::analysis {
namespace {

constexpr const char* paper =
    "Duvvuri & Dhillon, LASER: Attention with Exponential Transformation, ICML 2025";
constexpr double none = std::numeric_limits<double>::quiet_NaN();

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// LASER's do/ds over the plain read's, two tokens, of which the target's value is `difference` higher
/// (laser.md B2): (sigma(s + dv) - sigma(s)) / (dv sigma(s) sigma(-s)).
double two_token_ratio(double score, double difference) {
  return (sigmoid(score + difference) - sigmoid(score)) / (difference * sigmoid(score) * sigmoid(-score));
}

std::vector<Finding> two_tokens() {
  const auto fixed = [](Finding finding, double value, bool holds) {
    return concluded(std::move(finding), {value}, 1, [holds](double) { return holds; });
  };
  const double high = two_token_ratio(-8, 5), low = two_token_ratio(8, 5), small = two_token_ratio(-8, 0.1);
  return {
      fixed({.name = "a-two-tokens",
             .title = "(a) A saturated softmax passes more gradient towards a higher value",
             .measure = "do/ds of LASER / of the plain read, two tokens, s = −8, Δv = 5",
             .expected = "above 1",
             .source = paper,
             .note = "From the formulas, the same for every run; the Lab draws the curves."},
            high, high > 1),
      fixed({.name = "a-asymmetry",
             .title = "(a) … and less towards a lower one",
             .measure = "the same with s = +8: the target has the lower value",
             .expected = "below 1",
             .source = "laser.md B2",
             .note = "The paper's wording hides that the gain has a direction."},
            low, low < 1),
      fixed({.name = "b-small-spread",
             .title = "(b) Without value spread LASER is plain attention",
             .measure = "the same with s = −8, Δv = 0.1",
             .expected = "within 0.1 of 1",
             .source = paper},
            small, std::abs(small - 1) < 0.1),
  };
}

using Form = std::string;

BySeed with_form(const Snapshot& snapshot, const Form& form, double rate) {
  return members_where(snapshot, [&](const study::Settings& s) {
    return s.attention.laser == form && s.optimizer.learning_rate == rate;
  });
}

std::set<double> rates(const Snapshot& snapshot, const Form& form) {
  std::set<double> found;
  for (const auto& member : snapshot.members)
    if (member.parent < 0 && member.settings.attention.laser == form)
      found.insert(member.settings.optimizer.learning_rate);
  return found;
}

double final_loss(const Snapshot& snapshot, const MemberView& member) {
  if (member.step < snapshot.planned_steps) return none;
  const auto window = std::max<std::int64_t>(1, snapshot.planned_steps / 20);
  return median_over(member, "loss/validation", member.step - window, member.step);
}

/// The learning rate with the lowest mean loss at the end; none while one of the form's members still trains.
std::optional<double> best_rate(const Snapshot& snapshot, const Form& form) {
  std::optional<double> best;
  double least = std::numeric_limits<double>::infinity();
  for (const double rate : rates(snapshot, form)) {
    const auto members = with_form(snapshot, form, rate);
    const auto losses = measure_each(members, [&](const MemberView& m) { return final_loss(snapshot, m); });
    if (losses.size() < members.size()) return {};
    const double mean = moments(losses).mean;
    if (mean < least) {
      least = mean;
      best = rate;
    }
  }
  return best;
}

/// Over layers, the mean of `measure`.
double over_layers(const MemberView& member, const std::function<double(int)>& measure) {
  double sum = 0;
  for (int layer = 1; layer <= member.settings.model.depth; ++layer) sum += measure(layer);
  return sum / double(member.settings.model.depth);
}

std::vector<Finding> probabilities(const Snapshot& snapshot) {
  std::vector<Finding> list;
  const auto all = rates(snapshot, "off");
  if (all.empty()) return list;
  const auto rate = best_rate(snapshot, "off");
  const auto members = with_form(snapshot, "off", rate.value_or(*all.begin()));
  for (const char* bound : {"1e-3", "1e-7"})
    list.push_back(concluded(
        {.name = fmt::format("d-below-{}", bound),
         .title = fmt::format("(d) Attention probabilities below {}", bound),
         .measure = "share of the unmasked ones at the end, softmax, mean over layers",
         .expected = "",
         .source = paper,
         .note =
             fmt::format("{} tokens. In large language models: {}. Small models with short sequences need "
                         "not get there.",
                         members.begin()->second->tokens.columns,
                         std::string(bound) == "1e-3" ? "about 80 %" : "about 20 %")},
        measure_each(members,
                     [&](const MemberView& member) {
                       if (!rate) return none;
                       return over_layers(member, [&](int layer) {
                         return at_step(member,
                                        fmt::format("saturation/share-below-{}/layer{}", bound, layer),
                                        member.step);
                       });
                     }),
        members.size()));
  return list;
}

double smallest_sum(const MemberView& member) {
  double least = none;
  for (const auto& [metric, series] : member.series)
    if (metric.starts_with("values/smallest-sum/"))
      for (std::size_t i = 0; i < series.size(); ++i) least = std::fmin(least, series[i].value);
  return least;
}

Finding underflow(const Snapshot& snapshot) {
  std::map<std::int64_t, double> by_seed; // over the learning rates
  for (const double rate : rates(snapshot, "max-shift"))
    for (const auto& [seed, member] : with_form(snapshot, "max-shift", rate)) {
      const auto known = by_seed.emplace(seed, none).first;
      known->second = std::fmin(known->second, smallest_sum(*member));
    }
  std::vector<double> exponents;
  for (const auto& [seed, least] : by_seed)
    if (std::isfinite(least)) exponents.push_back(std::log10(least));
  return concluded({.name = "c-underflow",
                    .title = "(c) The max shift's sums do not underflow",
                    .measure = "smallest Σ a exp(v − m) of the whole run, log₁₀, over all learning rates",
                    .expected = "above −37",
                    .source = "laser.md B3",
                    .note = "m is the largest value of the whole sequence, the masked future included: rows "
                            "that see only far smaller ones underflow at about −38."},
                   exponents, by_seed.size(), [](double exponent) { return exponent > -37; });
}

/// LASER against softmax at the same learning rate and seed.
Finding gradients(const Snapshot& snapshot, const char* weight, double rate) {
  const auto plain = with_form(snapshot, "off", rate), laser = with_form(snapshot, "max-shift", rate);
  return concluded(
      {.name = fmt::format("e-gradient-{}", weight),
       .title = fmt::format("(e) Gradient that reaches {}", weight),
       .measure = fmt::format("mean |∂L/∂{}| over the run, LASER / softmax, mean over layers", weight),
       .expected = "",
       .source = paper,
       .note =
           fmt::format("Learning rate {}. The paper sees larger gradients throughout; with values that do "
                       "not depend on the scores the ratio is about 1 (laser.md B2).",
                       rate)},
      compare(laser, plain,
              [&](const MemberView& one, const MemberView& other) {
                if (one.step < snapshot.planned_steps || other.step < snapshot.planned_steps) return none;
                return over_layers(one, [&](int layer) {
                  const auto metric = fmt::format("gradient/{}/layer{}", weight, layer);
                  return mean_over(one, metric, 1, one.step) / mean_over(other, metric, 1, other.step);
                });
              }),
      std::min(plain.size(), laser.size()));
}

std::vector<Finding> losses(const Snapshot& snapshot) {
  std::vector<Finding> list;
  const auto plain_rate = best_rate(snapshot, "off");
  const auto plain_rates = rates(snapshot, "off");
  if (plain_rates.empty()) return list;
  const auto plain = with_form(snapshot, "off", plain_rate.value_or(*plain_rates.begin()));
  for (const char* form : {"max-shift", "softclamp", "exact"}) {
    const auto all = rates(snapshot, form);
    if (all.empty()) continue;
    const auto rate = best_rate(snapshot, form);
    const auto laser = with_form(snapshot, form, rate.value_or(*all.begin()));
    const bool known = rate && plain_rate;
    list.push_back(concluded(
        {.name = fmt::format("f-loss-{}", form),
         .title = fmt::format("(f) Does LASER ({}) end lower?", form),
         .measure = "validation loss of softmax − of LASER at the end, nats; each at its best learning rate",
         .expected = "",
         .source = paper,
         .note = known ? fmt::format("Learning rates {} and {}. The paper: 0.046 nats at 301 million "
                                     "parameters. A difference below two deviations is not visible at this "
                                     "size.",
                                     *plain_rate, *rate)
                       : "Once all have reached the end."},
        compare(plain, laser,
                [&](const MemberView& one, const MemberView& other) {
                  return known ? final_loss(snapshot, one) - final_loss(snapshot, other) : none;
                }),
        std::min(plain.size(), laser.size())));
  }
  return list;
}

/// Of a task with a plateau: when each leaves it.
std::vector<Finding> plateau_ends(const Snapshot& snapshot) {
  std::vector<Finding> list;
  if (snapshot.study->settings.task.kind != "associative-recall") return list;
  const auto solved_at = [](const MemberView& member) {
    const auto found = member.series.find("accuracy/validation");
    if (found == member.series.end()) return none;
    for (std::size_t i = 0; i < found->second.size(); ++i)
      if (found->second[i].value >= 0.9) return double(found->second[i].step);
    return none;
  };
  for (const double rate : rates(snapshot, "off")) {
    const auto plain = with_form(snapshot, "off", rate), laser = with_form(snapshot, "max-shift", rate);
    list.push_back(concluded(
        {.name = fmt::format("f-plateau-{}", rate),
         .title = fmt::format("(f) When is the task solved? Learning rate {}", rate),
         .measure = "step at which 90 % of the answers are right, softmax − LASER (max-shift)",
         .expected = "",
         .source = "Plateau extension",
         .note = "Positive: LASER leaves the plateau earlier. Seeds in which one of the two never gets there "
                 "are left out, and leave the statement open."},
        compare(plain, laser,
                [&](const MemberView& one, const MemberView& other) {
                  return solved_at(one) - solved_at(other);
                }),
        std::min(plain.size(), laser.size())));
  }
  return list;
}

} // namespace

std::vector<Finding> laser_findings(const Snapshot& snapshot) {
  if (rates(snapshot, "max-shift").empty()) return {};
  std::vector<Finding> list = two_tokens();
  const auto add = [&](std::vector<Finding> more) {
    for (auto& finding : more) list.push_back(std::move(finding));
  };
  add({underflow(snapshot)});
  add(probabilities(snapshot));
  const auto all = rates(snapshot, "off");
  if (!all.empty()) {
    const double middle = *std::next(all.begin(), std::ptrdiff_t(all.size() / 2));
    for (const char* weight : {"W_Q", "W_K", "W_V", "W_O"}) add({gradients(snapshot, weight, middle)});
  }
  add(losses(snapshot));
  add(plateau_ends(snapshot));
  return list;
}

} // namespace plateau::analysis
