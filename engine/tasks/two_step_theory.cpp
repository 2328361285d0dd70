#include "engine/tasks/two_step_theory.h"

#include <algorithm>
#include <cmath>

namespace plateau::tasks {
namespace {

/// -p ln p, continued by 0 at p = 0.
double surprise(double p) {
  return p > 0 ? -p * std::log(p) : 0;
}

} // namespace

double floor_loss(std::int64_t classes, double smoothing) {
  const double other = smoothing / static_cast<double>(classes);
  return surprise(1 - smoothing + other) + static_cast<double>(classes - 1) * surprise(other);
}

double plateau_loss(const TwoCandidates& candidates, double smoothing) {
  // Given two different candidates, the expected smoothed label is 1 - e times P(decision) on each of them
  // plus e / K everywhere; predicting it is optimal, and the loss is then its entropy.
  const double other = smoothing / static_cast<double>(candidates.classes);
  const double first = candidates.same * (1 - smoothing) + other;
  const double second = (1 - candidates.same) * (1 - smoothing) + other;
  const double undecided =
      surprise(first) + surprise(second) + static_cast<double>(candidates.classes - 2) * surprise(other);
  return (1 - candidates.agreement) * undecided +
         candidates.agreement * floor_loss(candidates.classes, smoothing);
}

double unsmoothed_floor_loss(std::int64_t classes, double smoothing) {
  return -std::log(1 - smoothing + smoothing / static_cast<double>(classes));
}

double unsmoothed_plateau_loss(const TwoCandidates& candidates, double smoothing) {
  const double other = smoothing / static_cast<double>(candidates.classes);
  double undecided = 0;
  for (const double share : {candidates.same, 1 - candidates.same})
    if (share > 0) undecided -= share * std::log(share * (1 - smoothing) + other);
  return (1 - candidates.agreement) * undecided +
         candidates.agreement * unsmoothed_floor_loss(candidates.classes, smoothing);
}

double plateau_accuracy(const TwoCandidates& candidates) {
  return candidates.agreement + (1 - candidates.agreement) * std::max(candidates.same, 1 - candidates.same);
}

} // namespace plateau::tasks
