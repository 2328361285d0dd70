// What came out of a run, in numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/analysis/findings.h"
#include "engine/analysis/member_summary.h"
#include "engine/training/snapshot.h"

namespace plateau::commands {

using analysis::latest;
using analysis::MemberSummary;
using analysis::PlateauSummary;

struct RunSummary {
  std::string study;
  std::string status; // "finished", "interrupted" or "failed"
  std::string error;  // one line, when failed
  std::string device;
  std::string recording;
  std::int64_t step = 0, planned_steps = 0;
  double seconds = 0;          // of training, on the wall clock
  double steps_per_second = 0; // over all of it
  training::KeptStates kept;   // what one can go back to
  std::vector<MemberSummary> members;
  std::vector<analysis::Finding> findings; // what the paper says, as numbers of this run
};

/// `steps` were trained in `seconds`; with `interrupted` a run that is not over counts as that.
RunSummary summarize(const training::Snapshot& snapshot, double seconds, std::int64_t steps,
                     bool interrupted);

} // namespace plateau::commands
