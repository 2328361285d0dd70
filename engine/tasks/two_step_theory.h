// Losses and accuracies that a two-step task lets a model reach before and after it finds the intermediate
// decision (eureka.md 1.5), natural logarithms. All are those of an ideal model that classifies every image
// correctly, so a real one stays a little above the losses and below the accuracies.
#pragma once

#include <cstdint>

namespace plateau::tasks {

/// What is left to guess for a model that knows both candidate labels of a sample but not the decision.
struct TwoCandidates {
  std::int64_t classes = 10;
  double agreement = 0.1; // probability that both candidates are the same class
  double same = 0.5;      // probability of decision 1, independent of the candidates
};

/// Cross-entropy of the solved task: the entropy of a label smoothed by `smoothing` (0 without).
double floor_loss(std::int64_t classes, double smoothing);

/// Cross-entropy of the best prediction from both candidates: their smoothed labels mixed by P(decision).
double plateau_loss(const TwoCandidates& candidates, double smoothing);

/// Cross-entropy without smoothing, as validation logs it, of the predictions that are ideal for training
/// with `smoothing`: such a model never becomes certain, so it stays above the unsmoothed levels.
double unsmoothed_floor_loss(std::int64_t classes, double smoothing);
double unsmoothed_plateau_loss(const TwoCandidates& candidates, double smoothing);

/// Accuracy of that prediction: right when the candidates agree, else when the likelier decision was taken.
double plateau_accuracy(const TwoCandidates& candidates);

} // namespace plateau::tasks
