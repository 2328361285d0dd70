// What `plateau run` writes: for people, and as one JSON object per line.
#pragma once

#include <string>
#include <vector>

#include "app/commands/run_summary.h"
#include "engine/training/snapshot.h"

namespace plateau::commands {

/// The bar with steps/s and the time left, then one line per member (the first few of many).
std::vector<std::string> progress_lines(const training::Snapshot& snapshot, int columns, bool utf8);
/// The same in one line, for logs and pipes.
std::string progress_line(const training::Snapshot& snapshot);
/// "step 4 350  ViT 0: Eureka-moment ..."
std::string event_line(const training::Snapshot& snapshot, const training::Event& event);
/// Whether an event is worth a line for people: not the bookkeeping of checkpoints.
bool worth_a_line(const training::Event& event);
/// The first lines of a run: study, data, device, recording.
std::vector<std::string> start_lines(const training::Snapshot& snapshot);
/// A table of the members and what to do next.
std::vector<std::string> summary_lines(const RunSummary& summary);

// {"type": "start" | "progress" | "event" | "summary", ...} without a line break.
std::string start_json(const training::Snapshot& snapshot);
std::string progress_json(const training::Snapshot& snapshot);
std::string event_json(const training::Snapshot& snapshot, const training::Event& event);
std::string summary_json(const RunSummary& summary);

/// Seconds until the planned end at the present rate; empty when that is unknown.
std::optional<double> seconds_left(const training::Snapshot& snapshot);

} // namespace plateau::commands
