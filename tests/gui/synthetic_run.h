// A run that nobody trained: curves with a plateau and a jump, maps and histograms, made from formulas.
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

/// Writes the run as a recording that can be replayed.
void write_synthetic_recording(const std::filesystem::path& path);

/// As a live source: takes down what is posted.
class SyntheticRun : public window::RunSource {
public:
  explicit SyntheticRun(bool live, std::int64_t steps = synthetic_steps);

  std::shared_ptr<const training::Snapshot> latest() const override { return snapshot_; }
  bool is_live() const override { return live_; }
  void post(training::Command command) override { posted.push_back(std::move(command)); }
  std::shared_ptr<const training::TensorFrame> frame_at(int member, std::int64_t step) override {
    return synthetic_frame(member, step);
  }

  void publish(std::shared_ptr<const training::Snapshot> snapshot) { snapshot_ = std::move(snapshot); }
  std::vector<training::Command> posted;

private:
  bool live_;
  std::shared_ptr<const training::Snapshot> snapshot_;
};

} // namespace plateau::test
