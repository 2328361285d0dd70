// Writes a `.plateau` file (SQLite, WAL) from its own thread, in batches: at most the last half second is
// lost when the process is killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/study/study.h"
#include "engine/training/snapshot.h"

namespace plateau::recording {

/// A member as it is stored when it comes into being.
struct MemberRecord {
  int id = 0;
  std::string name;
  std::int64_t seed = 0;
  int parent = -1;
  std::int64_t forked_at = 0;
  bool is_twin = false;
  study::Settings settings; // at its first step
  std::int64_t parameters = 0;
  training::TokenLayout tokens;
};

struct Sample {
  int member = 0;
  std::string metric;
  training::Point point;
};

/// Why a checkpoint is kept. The numbers stand in the file.
enum class Keep {
  Loose = 0,   // makes room for newer ones
  Pinned = 1,  // never deleted: an intervention depends on it, or a member ends there
  AtEvent = 2, // makes room only for newer ones of its kind
};
/// The one that keeps for longer.
Keep longer(Keep a, Keep b);

/// Everything needed to go on from a step, bit for bit. Opaque bytes, written by the trainer.
struct Checkpoint {
  int member = 0;
  std::int64_t step = 0;
  study::Settings settings; // in force at that step
  bool training = true;
  Keep keep = Keep::Loose;
  std::vector<std::byte> state;
  std::int64_t bytes = 0; // of `state`, also where that is left out
};

class Writer {
public:
  /// A new file. Throws InputError when it exists already or cannot be created.
  static std::unique_ptr<Writer> create(const std::filesystem::path& path, const study::Study& study);
  /// Goes on with an existing file: everything after `step` (samples, arrays, events, interventions,
  /// checkpoints, members born later) is removed first. Throws InputError.
  static std::unique_ptr<Writer> resume(const std::filesystem::path& path, std::int64_t step);
  ~Writer(); // flushes

  // All of these only queue, from any thread.
  void set_task(const training::TaskInfo& task);
  void set_planned_steps(std::int64_t steps);
  void set_summary(const std::string& key, const std::string& value); // "device", "finished", versions...
  void add_member(const MemberRecord& member);
  void add_samples(std::vector<Sample> samples);
  void add_frame(int member, std::shared_ptr<const training::TensorFrame> frame);
  void add_event(const training::Event& event);
  void add_intervention(const study::Intervention& intervention);
  void add_checkpoint(Checkpoint checkpoint);
  void remove_checkpoints(std::int64_t step); // of all members, unless pinned

  /// Waits until all that was queued so far is on disk. Throws RunError if writing failed.
  void flush();
  /// The first failure (disk full, file gone), one line; queueing goes on being harmless after it.
  std::optional<std::string> failure() const;

private:
  Writer();
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

} // namespace plateau::recording
