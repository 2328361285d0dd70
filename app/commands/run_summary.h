// What came out of a run, in numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/analysis/findings.h"
#include "engine/training/snapshot.h"

namespace plateau::commands {

struct PlateauSummary {
  std::int64_t begin = 0, end = 0; // steps
  double level = 0;                // its training loss
  bool lasting = false;            // not over at the last evaluation
};

struct MemberSummary {
  std::string name;
  std::int64_t seed = 0;
  std::int64_t step = 0;
  std::int64_t parameters = 0;
  bool twin = false;
  // Of the last evaluation.
  std::optional<double> train_loss, validation_loss, accuracy;
  std::optional<PlateauSummary> plateau; // the longest
  std::optional<std::int64_t> eureka_step;
  // Of a task with a training set to memorise: these in their place.
  bool memorises = false;
  std::optional<std::int64_t> memorised_step, generalised_step;
};

struct RunSummary {
  std::string study;
  std::string status; // "finished", "interrupted" or "failed"
  std::string error;  // one line, when failed
  std::string device;
  std::string recording;
  std::int64_t step = 0, planned_steps = 0;
  double seconds = 0;          // of training, on the wall clock
  double steps_per_second = 0; // over all of it
  std::vector<MemberSummary> members;
  std::vector<analysis::Finding> findings; // what the paper says, as numbers of this run
};

/// `steps` were trained in `seconds`; with `interrupted` a run that is not over counts as that.
RunSummary summarize(const training::Snapshot& snapshot, double seconds, std::int64_t steps,
                     bool interrupted);

/// The last value of a metric; empty when it has none.
std::optional<double> latest(const training::MemberView& member, const std::string& metric);

} // namespace plateau::commands
