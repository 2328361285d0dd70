// What a paper says, as numbers of a run: computed from the curves alone, for the summary and the window.
#pragma once

#include <string>
#include <vector>

#include "engine/training/snapshot.h"

namespace plateau::analysis {

/// One statement. A run that is not over, or lacks the members that the statement compares, leaves it open.
struct Finding {
  std::string name = {};           // "adam-lead"
  std::string title = {};          // "Adam is ahead of SGD"
  std::string measure = {};        // "loss of SGD / loss of Adam at step 1500"
  std::string expected = {};       // "at least 8"; empty where the number is only reported
  std::string source = {};         // paper and place
  std::vector<double> values = {}; // one per seed
  double mean = 0, deviation = 0;  // of the values; NaN without (enough of) them
  enum class Verdict { Open, Reported, Shown, NotShown } verdict = Verdict::Open;
  std::string note = {}; // what to mind when reading the number; may be empty
};
const char* to_string(Finding::Verdict verdict); // "open", "reported", "shown", "not shown"
/// Three digits; from 1000 to a million all of the whole number ("3150"), as steps are; "–" for none.
std::string number_text(double value);

/// Of the study that the snapshot is of; empty for studies without statements.
std::vector<Finding> findings(const training::Snapshot& snapshot);

} // namespace plateau::analysis
