// Where a run tells how it goes: a terminal, a pipe or a program that reads JSON.
#pragma once

#include <memory>

#include "app/commands/run_summary.h"
#include "engine/training/snapshot.h"

namespace plateau::commands {

class RunReporter {
public:
  virtual ~RunReporter() = default;
  /// Called often, with the newest snapshot; decides itself when to write.
  virtual void progressed(const training::Snapshot& snapshot) = 0;
  /// Once, when the run is prepared.
  virtual void started(const training::Snapshot& snapshot) = 0;
  virtual void happened(const training::Snapshot& snapshot, const training::Event& event) = 0;
  virtual void finished(const RunSummary& summary) = 0;
};

/// On standard output: a live progress bar on a terminal, plain lines otherwise, JSON lines with `json`.
std::unique_ptr<RunReporter> make_reporter(bool json);

} // namespace plateau::commands
