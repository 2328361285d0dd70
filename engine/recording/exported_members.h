// Members as exports name them.
#pragma once

#include <string>
#include <vector>

#include "engine/recording/annotations.h"
#include "engine/recording/reader.h"

namespace plateau::recording {

struct ExportedMember {
  int id = 0;
  std::string name;          // as the person calls it
  std::string recorded_name; // as the study does
  /// The name, made safe for a file name, and no other member's, whatever the case of letters.
  std::string file;
};

/// Those that were not removed, by id.
std::vector<ExportedMember> exported_members(const Reader& reader, const Annotations& annotations);

/// `text` without what file systems or shells mind, at most 100 bytes: "A^v / cold" -> "A^v - cold".
std::string file_name(const std::string& text);

} // namespace plateau::recording
