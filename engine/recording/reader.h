// Reads a `.plateau` file, also while a writer is at work on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/recording/writer.h"
#include "engine/training/snapshot.h"

namespace plateau::recording {

/// For one thread at a time.
class Reader {
public:
  /// Throws InputError for a missing, foreign, truncated or newer file: one line, with the path.
  explicit Reader(const std::filesystem::path& path);
  ~Reader();
  Reader(Reader&&) noexcept;

  /// The whole run as a snapshot (replay = true, state Paused if unfinished else Finished), every member's
  /// `frame` being its latest.
  std::shared_ptr<const training::Snapshot> snapshot() const;

  study::Study study() const;
  std::vector<MemberRecord> members() const;
  /// Metric names of a member, sorted.
  std::vector<std::string> metrics(int member) const;
  training::Series series(int member, const std::string& metric) const;
  /// Of each array the last one at or before `step` (probes have their own intervals; a fork falls back on
  /// its parent's); the frame's step is that of the latest among them. Null if there is none.
  std::shared_ptr<const training::TensorFrame> frame(int member, std::int64_t step) const;
  std::vector<std::int64_t> frame_steps(int member) const;
  /// All checkpoints by member and step, without their states.
  std::vector<Checkpoint> checkpoints() const;
  /// Steps at which every member then alive has a checkpoint, ascending.
  std::vector<std::int64_t> checkpoint_steps() const;
  std::optional<Checkpoint> checkpoint(int member, std::int64_t step) const; // exact step
  std::string summary(const std::string& key) const;                         // empty when not set

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

} // namespace plateau::recording
