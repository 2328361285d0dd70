// Small files that the window keeps for itself.
#pragma once

#include <filesystem>
#include <string>

namespace plateau::window {

/// Replaces `file` as a whole, or leaves it as it was; makes its folder. Failure is logged, not thrown: what
/// the window remembers is not worth a run.
void write_state_file(const std::filesystem::path& file, const std::string& text);

} // namespace plateau::window
