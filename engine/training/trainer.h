// The training thread. Owns every tensor; talks through commands (in) and snapshots (out) only (DESIGN 4).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/study/study.h"
#include "engine/training/snapshot.h"

namespace plateau::training {

struct Pause {};
struct Resume {};
struct Stop {}; // ends the run; what was recorded stays whole
struct StepOnce {
  std::int64_t count = 1;
}; // when paused: this many lockstep steps, then paused again
/// A change to the run. Its step is filled in when it is carried out.
struct Intervene {
  study::Intervention what;
};
/// Gradient noise of `member` (empty: of all) as it stands now; changes nothing of the run.
struct MeasureNoise {
  std::string member;
};
using Command = std::variant<Pause, Resume, Stop, StepOnce, Intervene, MeasureNoise>;

struct TrainerOptions {
  study::Study study;
  std::string device = "auto"; // auto | cpu | cuda
  int threads = 0;             // members trained at once on a CPU; 0: one per core
  std::optional<bool> cohorts; // compute members of one shape together; by default on a GPU only
  bool graphs = true;          // on a GPU, record a cohort's step once and replay it
  bool start_paused = false;
  std::filesystem::path recording;   // empty: nothing is recorded. Must not exist, unless `resume`.
  bool resume = false;               // go on with `recording`; `study` is then read from it
  std::optional<std::int64_t> steps; // with resume: the new planned end
  std::function<void()> wake;        // called from the trainer thread after a publication; must be cheap
};

class Trainer {
public:
  /// Starts the thread; building models and loading data happens there (State::Preparing).
  /// Throws InputError for a bad study, device or recording path.
  explicit Trainer(TrainerOptions options);
  /// Stops and joins.
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Any thread. Carried out between steps; a newer change of the same field of the same member
  /// replaces one that was not yet taken.
  void post(Command command);

  /// Any thread; never null; O(1).
  std::shared_ptr<const Snapshot> latest() const;

  /// Waits until the run is over (Finished or Failed) or stopped, and everything is on disk.
  void wait();

private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

} // namespace plateau::training
