// How well a sequence is answered by place: what is read from the context shows at late places first
// (icl-plateaus.md 7.4).
#pragma once

#include <cstdint>

#include "engine/tasks/task.h"

namespace plateau::tasks {

/// Outputs of a sequence: begin, begin + stride, ... below end.
struct Places {
  std::int64_t begin = 0, end = 0, stride = 1;
};

/// Where the last quarter of so many questions begins, of which one at least is late.
constexpr std::int64_t first_late(std::int64_t questions) {
  return questions - (questions < 4 ? 1 : questions / 4);
}
/// The output at which the i-th pair's label is asked for: that of its item.
constexpr std::int64_t output_of_pair(std::int64_t pair) {
  return 2 * pair;
}
/// The last quarter of `pairs` pairs.
constexpr Places late_pairs(std::int64_t pairs) {
  return {output_of_pair(first_late(pairs)), 2 * pairs, 2};
}
/// The last quarter of a sequence that is asked about at every position.
constexpr Places late_positions(std::int64_t positions) {
  return {first_late(positions), positions, 1};
}

/// Share of right answers at these places; labels of -1 ask for nothing. NaN where nothing is asked for.
double accuracy_at(const Batch& batch, const Answers& answers, Places places);

/// Mean cross entropy in nats there, in float64 from the logits [count, outputs, classes].
double loss_at(const Batch& batch, const Answers& answers, std::int64_t classes, Places places);

/// Takes the labels outside of these places away.
void ask_only(Batch& batch, Places places);

/// Of (item, label) pairs: "accuracy/late", and "context/accuracy/position{i}" and "context/loss/position{i}"
/// for each pair i = 1 ... pairs.
Metrics pair_metrics(const Batch& batch, const Answers& answers, std::int64_t classes, std::int64_t pairs);

/// Of sequences that are asked about everywhere: "accuracy/late", and "context/loss/position{i}" at i = 1, 2,
/// 4 ... and the last, each over the i / 8 positions (one at least) that end with the i-th.
Metrics doubling_metrics(const Batch& batch, const Answers& answers, std::int64_t classes,
                         std::int64_t positions);

} // namespace plateau::tasks
