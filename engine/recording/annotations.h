// What a person adds to a recording: names and colours of members, remarks, corrected plateaus. Kept in
// tables of their own beside what the trainer writes; the run itself is never changed by it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace plateau::recording {

/// How a member is shown. Empty: as it came.
struct MemberLook {
  std::string name;
  std::string color; // "#rrggbb"
  std::optional<bool> hidden;
  bool pinned = false;  // kept on top of the table, and never hidden with others
  bool removed = false; // from every list and plot; its data stay in the file
  bool operator==(const MemberLook&) const = default;
};

/// A text at a step.
struct Remark {
  std::int64_t step = 0;
  int member = -1; // id; -1: the whole run
  std::string text;
  bool operator==(const Remark&) const = default;
};

/// Ends that a person has given to a plateau of `member`; `detected` is the step at which the detector saw it
/// begin, which identifies it. `end` < 0: where the detector says, or it lasts. Applied by corrections.h.
struct PlateauCorrection {
  int member = 0;
  std::int64_t detected = 0, begin = 0, end = -1;
  bool operator==(const PlateauCorrection&) const = default;
};

struct Annotations {
  std::map<int, MemberLook> looks; // by member id; only those that differ from the default
  std::vector<Remark> remarks;     // ascending in step
  std::vector<PlateauCorrection> plateaus;
  bool operator==(const Annotations&) const = default;
};

/// Empty when there are none. Throws InputError when the file cannot be read.
Annotations read_annotations(const std::filesystem::path& recording);
/// Replaces those of the recording, also while it is being written to. Throws RunError, one line: the file or
/// its folder may not be written, the disk is full, another program holds it.
void write_annotations(const std::filesystem::path& recording, const Annotations& annotations);

} // namespace plateau::recording
