// Runs that nobody trained: curves with a plateau and a jump, maps and histograms, made from formulas.
// Panels and replays are tested with it, without LibTorch and without waiting.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "app/window/run_source.h"

namespace plateau::test {

inline constexpr std::int64_t synthetic_steps = 4000, synthetic_jump = 2500;

/// Transformer, its twin (forked at step 1500) and a CNN after `steps` steps.
std::shared_ptr<training::Snapshot> synthetic_snapshot(std::int64_t steps = synthetic_steps);

/// The arrays of `member` at `step`: they depend on the step, so that scrubbing can be seen.
std::shared_ptr<const training::TensorFrame> synthetic_frame(int member, std::int64_t step);

/// Linear transformers with SGD and Adam, two seeds each, the second hidden at first.
inline constexpr std::int64_t synthetic_linear_steps = 1500;
std::shared_ptr<training::Snapshot> synthetic_linear_snapshot(std::int64_t steps = synthetic_linear_steps);
std::shared_ptr<const training::TensorFrame> synthetic_linear_frame(int member, std::int64_t step);

/// Decoders that write text, plain and with LASER.
inline constexpr std::int64_t synthetic_text_steps = 2000;
std::shared_ptr<training::Snapshot> synthetic_text_snapshot(std::int64_t steps = synthetic_text_steps);
std::shared_ptr<const training::TensorFrame> synthetic_text_frame(int member, std::int64_t step);

/// Transformers of modular addition: norm at the MLP and none, two seeds each. They memorise at once and
/// generalise later, the second sort much later.
inline constexpr std::int64_t synthetic_grokking_steps = 4000, synthetic_memorisation = 150;
std::int64_t synthetic_generalisation(int member);
std::shared_ptr<training::Snapshot>
synthetic_grokking_snapshot(std::int64_t steps = synthetic_grokking_steps);
std::shared_ptr<const training::TensorFrame> synthetic_grokking_frame(int member, std::int64_t step);

/// Decoders that learn in context, plain and with a second loss, two seeds each: a plateau, then a break.
inline constexpr std::int64_t synthetic_context_steps = 4000;
std::int64_t synthetic_break(int member);
std::shared_ptr<training::Snapshot> synthetic_context_snapshot(std::int64_t steps = synthetic_context_steps);
std::shared_ptr<const training::TensorFrame> synthetic_context_frame(int member, std::int64_t step);

using FrameOf = std::shared_ptr<const training::TensorFrame> (*)(int member, std::int64_t step);

/// Writes the first run as a recording that can be replayed.
void write_synthetic_recording(const std::filesystem::path& path);
void write_recording(const std::filesystem::path& path, const training::Snapshot& run, FrameOf frame_of);

/// As a live source: takes down what is posted.
class SyntheticRun : public window::RunSource {
public:
  explicit SyntheticRun(bool live, std::int64_t steps = synthetic_steps);
  SyntheticRun(bool live, std::shared_ptr<training::Snapshot> snapshot, FrameOf frame_of);

  std::shared_ptr<const training::Snapshot> latest() const override { return snapshot_; }
  bool is_live() const override { return live_; }
  void post(training::Command command) override { posted.push_back(std::move(command)); }
  std::shared_ptr<const training::TensorFrame> frame_at(int member, std::int64_t step) override {
    return frame_of_(member, step);
  }

  void publish(std::shared_ptr<const training::Snapshot> snapshot) { snapshot_ = std::move(snapshot); }
  std::vector<training::Command> posted;

private:
  bool live_;
  FrameOf frame_of_;
  std::shared_ptr<const training::Snapshot> snapshot_;
};

} // namespace plateau::test
