// A recording played without training.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "app/window/frame_loader.h"
#include "app/window/run_source.h"

namespace plateau::window {

class ReplayRun : public RunSource {
public:
  /// Opens the file at once (throws InputError when it is none of ours) and reads the curves on a thread:
  /// until they are there the state is Preparing.
  ReplayRun(const std::filesystem::path& recording, std::function<void()> wake);

  std::shared_ptr<const training::Snapshot> latest() const override;
  bool is_live() const override { return false; }
  void post(training::Command) override {}
  std::shared_ptr<const training::TensorFrame> frame_at(int member, std::int64_t step) override {
    return loader_.frame_at(member, step);
  }
  bool is_reading(int member, std::int64_t step) override { return loader_.is_reading(member, step); }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const training::Snapshot> snapshot_;
  FrameLoader loader_;
  std::jthread reading_;
};

} // namespace plateau::window
