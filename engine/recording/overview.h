// What a file is, and of a recording what lists tell: without reading it all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace plateau::recording {

/// By its suffix or by its first bytes; it need not be one that can be read.
bool is_recording(const std::filesystem::path& file);

struct Overview {
  std::string title; // of the study; its name where it has no title
  std::int64_t step = 0, planned_steps = 0;
  bool can_be_resumed = false; // it holds a checkpoint
};

/// Milliseconds, however long the run. Throws InputError as Reader does.
Overview read_overview(const std::filesystem::path& recording);

} // namespace plateau::recording
