// A run that trains now; its own recording serves for going back in time.
#pragma once

#include <functional>
#include <memory>

#include "app/window/frame_loader.h"
#include "app/window/run_source.h"

namespace plateau::window {

class LiveRun : public RunSource {
public:
  /// Throws InputError, see training::Trainer.
  explicit LiveRun(training::TrainerOptions options);

  std::shared_ptr<const training::Snapshot> latest() const override { return trainer_.latest(); }
  bool is_live() const override { return true; }
  void post(training::Command command) override { trainer_.post(std::move(command)); }
  std::shared_ptr<const training::TensorFrame> frame_at(int member, std::int64_t step) override;
  bool is_reading(int member, std::int64_t step) override;

private:
  /// The newest arrays of `member` if they are those at `step`.
  std::shared_ptr<const training::TensorFrame> newest_at(int member, std::int64_t step) const;

  training::Trainer trainer_;
  FrameLoader loader_;
};

} // namespace plateau::window
