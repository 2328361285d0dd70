// Where commands may write.
#pragma once

#include <filesystem>

namespace plateau::commands {

/// Throws InputError when `path` exists, unless `force`.
void refuse_existing(const std::filesystem::path& path, bool force);

} // namespace plateau::commands
