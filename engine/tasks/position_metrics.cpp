#include "engine/tasks/position_metrics.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plateau::tasks {
namespace {

/// Calls action(row, label) for each question at these places; a row is sample * outputs + output.
template<class Action> void for_each_question(const Batch& batch, Places places, Action action) {
  if (batch.count == 0) return;
  const auto outputs = static_cast<std::int64_t>(batch.labels.size()) / batch.count;
  for (std::int64_t sample = 0; sample < batch.count; ++sample)
    for (std::int64_t output = places.begin; output < std::min(places.end, outputs);
         output += places.stride) {
      const auto row = static_cast<std::size_t>(sample * outputs + output);
      if (batch.labels[row] >= 0) action(row, batch.labels[row]);
    }
}

/// ln Σ exp(z) - z_label
double cross_entropy(std::span<const float> logits, std::int64_t label) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  return std::log(sum) + largest - logits[static_cast<std::size_t>(label)];
}

} // namespace

double accuracy_at(const Batch& batch, const Answers& answers, Places places) {
  double right = 0, asked = 0;
  for_each_question(batch, places, [&](std::size_t row, std::int64_t label) {
    right += answers.classes[row] == label;
    asked += 1;
  });
  return right / asked; // 0 / 0 is NaN
}

double loss_at(const Batch& batch, const Answers& answers, std::int64_t classes, Places places) {
  const auto width = static_cast<std::size_t>(classes);
  double loss = 0, asked = 0;
  for_each_question(batch, places, [&](std::size_t row, std::int64_t label) {
    loss += cross_entropy(answers.logits.subspan(row * width, width), label);
    asked += 1;
  });
  return loss / asked;
}

void ask_only(Batch& batch, Places places) {
  std::vector<std::int64_t> asked(batch.labels.size(), -1);
  for_each_question(batch, places, [&](std::size_t row, std::int64_t label) { asked[row] = label; });
  batch.labels = std::move(asked);
}

Metrics pair_metrics(const Batch& batch, const Answers& answers, std::int64_t classes, std::int64_t pairs) {
  Metrics metrics = {{"accuracy/late", accuracy_at(batch, answers, late_pairs(pairs))}};
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const Places place = {output_of_pair(pair), output_of_pair(pair) + 1};
    metrics.emplace_back(fmt::format("context/accuracy/position{}", pair + 1),
                         accuracy_at(batch, answers, place));
    metrics.emplace_back(fmt::format("context/loss/position{}", pair + 1),
                         loss_at(batch, answers, classes, place));
  }
  return metrics;
}

Metrics doubling_metrics(const Batch& batch, const Answers& answers, std::int64_t classes,
                         std::int64_t positions) {
  Metrics metrics = {{"accuracy/late", accuracy_at(batch, answers, late_positions(positions))}};
  for (std::int64_t last = 1;; last = std::min(2 * last, positions)) {
    const Places window = {last - std::max<std::int64_t>(1, last / 8), last};
    metrics.emplace_back(fmt::format("context/loss/position{}", last),
                         loss_at(batch, answers, classes, window));
    if (last == positions) return metrics;
  }
}

} // namespace plateau::tasks
