#include "engine/tasks/chain_counts.h"

#include <algorithm>
#include <cmath>

namespace plateau::tasks {

ChainCounts::ChainCounts(std::int64_t states)
    : states_(states), occurrences_(static_cast<std::size_t>(states), 1),
      successors_(static_cast<std::size_t>(states)), row_(static_cast<std::size_t>(states), 1) {}

void ChainCounts::clear() {
  for (const auto state : visited_) {
    occurrences_[static_cast<std::size_t>(state)] = 1;
    successors_[static_cast<std::size_t>(state)].clear();
  }
  visited_.clear();
  seen_ = 0;
  now_ = -1;
}

void ChainCounts::add(std::int64_t state) {
  if (now_ >= 0) successors_[static_cast<std::size_t>(now_)].push_back(static_cast<std::int32_t>(state));
  if (occurrences_[static_cast<std::size_t>(state)]++ == 1) visited_.push_back(state);
  ++seen_;
  now_ = state;
}

ChainCounts::Prediction ChainCounts::bigram() {
  const auto& successors = successors_[static_cast<std::size_t>(now_)];
  std::fill(row_.begin(), row_.end(), 1);
  for (const auto state : successors) ++row_[static_cast<std::size_t>(state)];
  return {row_, std::ssize(successors) + states_};
}

PredictionDivergence::PredictionDivergence(std::int64_t largest)
    : logs_(static_cast<std::size_t>(largest + 1)) {
  for (std::size_t n = 1; n < logs_.size(); ++n) logs_[n] = std::log(static_cast<double>(n));
}

void PredictionDivergence::log_softmax(std::span<const float> logits, std::span<double> log_q) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double z : logits) sum += std::exp(z - top);
  const double offset = top + std::log(sum);
  for (std::size_t j = 0; j < logits.size(); ++j) log_q[j] = static_cast<double>(logits[j]) - offset;
}

double PredictionDivergence::operator()(const ChainCounts::Prediction& prediction,
                                        std::span<const double> log_q) const {
  double sum = 0;
  for (std::size_t j = 0; j < log_q.size(); ++j) {
    const auto count = prediction.counts[j];
    sum += static_cast<double>(count) * (logs_[static_cast<std::size_t>(count)] - log_q[j]);
  }
  return sum / static_cast<double>(prediction.total) - logs_[static_cast<std::size_t>(prediction.total)];
}

} // namespace plateau::tasks
