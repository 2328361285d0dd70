#include "engine/fused/transformer_step.h"

#include <algorithm>
#include <numeric>

#include "engine/stopwatch.h"

namespace plateau::fused {
namespace {

constexpr int most_lanes = 8;               // as many threads can work on one member
constexpr std::int64_t rows_per_lane = 128; // fewer would make the products inefficient
constexpr std::int64_t sum_block = 1 << 14; // parameters that one thread adds up at a time

} // namespace

int lane_count(std::int64_t samples, std::int64_t positions) {
  const auto wanted = std::clamp<std::int64_t>(samples * positions / rows_per_lane, 1, most_lanes);
  return int(std::min(wanted, samples));
}

TransformerStep::TransformerStep(const models::TransformerShape& shape, const TransformerOffsets& offsets,
                                 Precision precision)
    : shape_(shape), offsets_(offsets), precision_(precision) {}

std::vector<std::unique_ptr<TransformerLane>>& TransformerStep::lanes(std::int64_t count) {
  auto& lanes = lanes_[count];
  if (lanes.empty()) {
    const std::int64_t wanted = lane_count(count, shape_.positions);
    for (std::int64_t i = 0; i < wanted; ++i)
      lanes.push_back(std::make_unique<TransformerLane>(shape_, offsets_, precision_,
                                                        (i + 1) * count / wanted - i * count / wanted));
  }
  return lanes;
}

TransformerStep::Result TransformerStep::gradient(const float* parameters, const TransformerInputs& inputs,
                                                  const Loss& loss, const LossTargets& targets,
                                                  const TransformerOptions& options,
                                                  parallel::WorkerPool& pool, float* gradients) {
  auto& parts = lanes(inputs.count);
  const auto count = std::int64_t(parts.size());
  const auto counts = count_targets(loss, targets, inputs.count * shape_.outputs());
  std::vector<LossSums> sums(parts.size());
  std::vector<double> forward(parts.size()), backward(parts.size()); // milliseconds
  pool.run(int(count), [&](int i) {
    const auto index = std::size_t(i);
    auto& lane = *parts[index];
    Stopwatch watch;
    lane.forward({parameters, inputs, i * inputs.count / count, options, {}}, true);
    forward[index] = watch.lap();
    sums[index] = lane.backward(loss, targets, counts);
    backward[index] = watch.lap();
  });
  std::vector<const float*> gradient_parts;
  for (const auto& lane : parts) gradient_parts.push_back(lane->gradients());
  const auto blocks = (offsets_.size + sum_block - 1) / sum_block;
  pool.run(int(blocks), [&](int i) {
    sum_parts(gradient_parts.data(), int(count), i * sum_block, std::min((i + 1) * sum_block, offsets_.size),
              gradients);
  });
  Result result;
  for (const auto& sum : sums) {
    result.loss += sum.loss / counts.labels;
    result.accuracy += double(sum.correct) / counts.labels;
  }
  const double ahead = std::accumulate(forward.begin(), forward.end(), 0.0);
  result.forward_share = ahead / (ahead + std::accumulate(backward.begin(), backward.end(), 1e-9));
  return result;
}

void TransformerStep::logits(const float* parameters, const TransformerInputs& inputs,
                             const TransformerOptions& options, parallel::WorkerPool& pool, float* logits,
                             const TransformerRecord& record) {
  auto& parts = lanes(inputs.count);
  const auto count = std::int64_t(parts.size());
  const auto row = shape_.outputs() * shape_.classes;
  pool.run(int(count), [&](int i) {
    auto& lane = *parts[std::size_t(i)];
    const auto begin = i * inputs.count / count;
    auto own = record;
    for (auto& counts : own.reads) counts += i;
    lane.forward({parameters, inputs, begin, options, own}, false);
    std::copy_n(lane.logits(), lane.samples() * row, logits + begin * row);
  });
}

} // namespace plateau::fused
