// What moves the time of generalisation: grokking.md 4.5, 5, 6 and 8.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "engine/analysis/grokking_parts.h"
#include "engine/analysis/statistics.h"

namespace plateau::analysis::grokking {
namespace {

using study::Settings;

constexpr auto below_one = [](double ratio) { return ratio < 1; };

// ---- 5: the readout scale ----

/// Slope of ln(time) by ln(alpha), least squares, per seed.
std::vector<Finding> readout(const Snapshot& snapshot) {
  std::vector<Finding> list;
  const auto& own = snapshot.study->settings;
  for (const std::string rate : {"inverse-square", "fixed"}) {
    std::set<double> scales;
    for (const auto& member : snapshot.members)
      if (member.parent < 0 && member.settings.model.norms == own.model.norms &&
          (member.settings.optimizer.readout_rate == rate || member.settings.model.readout_scale == 1))
        scales.insert(member.settings.model.readout_scale);
    if (scales.size() < 2) continue;
    std::map<std::int64_t, std::vector<std::pair<double, double>>> points; // by seed: ln alpha, ln time
    std::set<std::int64_t> some; // seeds of which at least one generalises: without any there is no slope
    for (const double scale : scales) {
      const auto members = members_like(snapshot, [&](Settings& s) {
        s.model.readout_scale = scale;
        if (scale != 1) s.optimizer.readout_rate = rate;
      });
      for (const auto& [seed, member] : members) {
        points[seed].emplace_back(std::log(scale), std::log(time_or_bound(snapshot, *member, generalises)));
        if (std::isfinite(generalises(*member))) some.insert(seed);
      }
    }
    std::vector<double> slopes;
    for (const auto& [seed, of_seed] : points) {
      if (of_seed.size() < scales.size() || !some.contains(seed)) continue;
      std::vector<double> x, y;
      for (const auto& [scale, time] : of_seed) {
        x.push_back(scale);
        y.push_back(time);
      }
      const double mean_x = moments(x).mean, mean_y = moments(y).mean;
      double product = 0, square = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        product += (x[i] - mean_x) * (y[i] - mean_y);
        square += (x[i] - mean_x) * (x[i] - mean_x);
      }
      if (std::isfinite(product)) slopes.push_back(product / square);
    }
    const bool rises = rate == "inverse-square";
    list.push_back(
        concluded({.name = "5-readout-" + rate,
                   .title = rises ? "(5) Readout scale with η₀/α²: the larger, the later"
                                  : "(5) Readout scale with fixed η: the sign turns round",
                   .measure = fmt::format("slope of ln(steps) by ln α over α = {:g} to {:g}", *scales.begin(),
                                          *scales.rbegin()),
                   .expected = rises ? "above 0" : "at most 0",
                   .source = paper,
                   .note = "Members that have not generalised by the end count with the run's length."},
                  slopes, points.size(), [rises](double slope) { return rises ? slope > 0 : slope <= 0; }));
  }
  return list;
}

// ---- 6: weight decay and learning rate ----

std::vector<Finding> decay_and_rate(const Snapshot& snapshot) {
  std::vector<Finding> list;
  const auto& own = snapshot.study->settings;
  std::set<double> decays, rates;
  const double product = own.optimizer.learning_rate * own.optimizer.weight_decay;
  const auto same_product = [&](const Settings& s) {
    return std::abs(s.optimizer.learning_rate * s.optimizer.weight_decay / product - 1) < 1e-6;
  };
  for (const auto& member : snapshot.members) {
    const auto& s = member.settings;
    if (member.parent >= 0 || s.model != own.model) continue;
    if (s.optimizer.learning_rate == own.optimizer.learning_rate) decays.insert(s.optimizer.weight_decay);
    if (same_product(s)) rates.insert(s.optimizer.learning_rate);
  }
  const auto with = [&](double rate, double decay) {
    return members_like(snapshot, [=](Settings& s) {
      s.optimizer.learning_rate = rate;
      s.optimizer.weight_decay = decay;
    });
  };
  for (auto next = decays.begin(); decays.size() > 1 && std::next(next) != decays.end(); ++next) {
    const double less = *next, more = *std::next(next);
    list.push_back(ratio_of_times(
        snapshot,
        {.name = fmt::format("6-decay-{:g}-{:g}", less, more),
         .title = fmt::format("(6) Weight decay {:g} instead of {:g} generalises earlier", more, less),
         .measure = fmt::format("steps with {:g} / with {:g}", more, less),
         .expected = "below 1 (medians)",
         .source = paper},
        with(own.optimizer.learning_rate, more), with(own.optimizer.learning_rate, less), generalises,
        below_one));
  }
  if (rates.size() > 1) {
    const double low = *rates.begin(), high = *rates.rbegin();
    list.push_back(ratio_of_times(
        snapshot,
        {.name = "6-rate",
         .title = "(6) A higher learning rate at the same decay per step generalises earlier",
         .measure = fmt::format("steps with η = {:g} / with {:g}, η λ = {:g}", high, low, product),
         .expected = "below 1 (medians)",
         .source = paper},
        with(high, product / high), with(low, product / low), generalises, below_one));
  }
  return list;
}

// ---- 8: what removes the delay ----

/// Of members that are compared with the plain run and have another weight decay; else empty.
std::string decay_note(const Snapshot& snapshot, const std::function<bool(const Settings&)>& is_one) {
  const double plain = snapshot.study->settings.optimizer.weight_decay;
  for (const auto& member : snapshot.members)
    if (const double own = member.settings.optimizer.weight_decay; is_one(member.settings) && own != plain)
      return fmt::format(" (weight decay {:g}, of the plain run {:g})", own, plain);
  return "";
}

std::vector<Finding> contrasts(const Snapshot& snapshot) {
  const auto plain = members_like(snapshot, [](Settings&) {});
  std::vector<Finding> list;
  const auto contrast = [&](const char* name, const char* title, const char* source,
                            std::function<bool(const Settings&)> is_one) {
    const auto members = all_members_where(snapshot, is_one);
    list.push_back(ratio_of_times(
        snapshot,
        {.name = fmt::format("8-{}", name),
         .title = fmt::format("(8) {}", title),
         .measure = "steps to 99 % test accuracy / those of the plain run" + decay_note(snapshot, is_one),
         .expected = "at most 0.5 (medians)",
         .source = source},
        members, plain, generalises, [](double ratio) { return ratio <= 0.5; }));
  };
  contrast("constant-norm", "A constant norm, so that memorising cannot inflate it, removes the delay",
           "Liu et al., Omnigrok, ICLR 2023", [](const Settings& s) { return s.optimizer.constant_norm; });
  contrast("perpendicular", "Gradients perpendicular to the weights remove the delay",
           "Prieto et al., Grokking at the Edge of Numerical Stability, ICLR 2025",
           [](const Settings& s) { return s.optimizer.modifier == "perpendicular"; });
  contrast("grokfast", "Adding the slow part of the gradient removes the delay", "Lee et al., Grokfast, 2024",
           [](const Settings& s) { return s.optimizer.modifier == "grokfast"; });
  contrast("readout", "A readout scale of 1/2 with η₀/α² removes the delay", paper, [](const Settings& s) {
    return s.optimizer.readout_rate == "inverse-square" && s.model.readout_scale == 0.5;
  });
  return list;
}

} // namespace

std::vector<Finding> of_levers(const Snapshot& snapshot) {
  std::vector<Finding> list;
  for (auto& part : {readout(snapshot), decay_and_rate(snapshot), contrasts(snapshot)})
    list.insert(list.end(), part.begin(), part.end());
  return list;
}

} // namespace plateau::analysis::grokking
