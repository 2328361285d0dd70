// Where the window's data come from: a live run or a recording. Panels see no difference.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/training/trainer.h"

namespace plateau::window {

class RunSource {
public:
  virtual ~RunSource() = default;

  /// Never null; O(1).
  virtual std::shared_ptr<const training::Snapshot> latest() const = 0;

  /// Whether commands reach a trainer. Commands to a replay are dropped.
  virtual bool is_live() const = 0;
  virtual void post(training::Command command) = 0;

  /// The arrays of `member` in its last frame at or before `step`. Never waits: while they are being read the
  /// member's previous answer is given (null when there is none), and the window is woken when they are
  /// there.
  virtual std::shared_ptr<const training::TensorFrame> frame_at(int member, std::int64_t step) = 0;
  /// Whether what frame_at() says of these is still such a previous answer.
  virtual bool is_reading(int /*member*/, std::int64_t /*step*/) { return false; }
};

} // namespace plateau::window
