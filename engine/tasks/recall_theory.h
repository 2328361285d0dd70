// Levels of associative recall: of a model that has found out that the answer is one of the values shown in
// the sequence, but not yet which one. All exact, natural logarithms.
#pragma once

#include <cstdint>

namespace plateau::tasks {

/// `pairs` values drawn independently and uniformly from `symbols`; the answer is the value of a pair drawn
/// uniformly. So a value that was shown c times is the answer with probability c / pairs.
struct RecallSize {
  std::int64_t pairs = 8, symbols = 16; // 1 <= pairs, 2 <= symbols
};

/// Cross-entropy of the best prediction from the values shown, with labels smoothed by `smoothing`. Without
/// smoothing it is the expected entropy of the values' empirical distribution, ln p - (S / p) E[c ln c] with
/// c ~ Bin(p, 1 / S): below ln p, as values may repeat.
double shown_values_loss(const RecallSize& size, double smoothing);

/// The same without smoothing, as validation logs it, of the prediction that is ideal for training with
/// `smoothing`.
double unsmoothed_shown_values_loss(const RecallSize& size, double smoothing);

/// Accuracy of naming the value that was shown most often: E[max c] / p.
double shown_values_accuracy(const RecallSize& size);

/// Probability that a value named blindly is among those shown: 1 - (1 - 1 / S)^p.
double blind_hit_probability(const RecallSize& size);

} // namespace plateau::tasks
