#include "app/commands/run_summary.h"

namespace plateau::commands {

RunSummary summarize(const training::Snapshot& snapshot, double seconds, std::int64_t steps,
                     bool interrupted) {
  RunSummary summary;
  if (snapshot.study) summary.study = snapshot.study->name;
  summary.status = snapshot.state == training::State::Failed                    ? "failed"
                   : interrupted && snapshot.state != training::State::Finished ? "interrupted"
                                                                                : "finished";
  summary.error = snapshot.error;
  summary.device = snapshot.device;
  summary.recording = snapshot.recording;
  summary.step = snapshot.step;
  summary.planned_steps = snapshot.planned_steps;
  summary.seconds = seconds;
  summary.steps_per_second = seconds > 0 ? static_cast<double>(steps) / seconds : 0;
  summary.kept = snapshot.kept;
  summary.members = analysis::summaries(snapshot);
  summary.findings = analysis::findings(snapshot);
  return summary;
}

} // namespace plateau::commands
