// Members of a recording as commands ask for them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/recording/exported_members.h"

namespace plateau::commands {

/// Those that were not removed, by id. Throws InputError where there are none.
std::vector<recording::ExportedMember> recorded_members(const recording::Reader& reader,
                                                        const std::filesystem::path& recording);

/// The one of this name, that the person gave it or that is recorded, or with this id; the first when empty.
/// Throws InputError with the nearest names.
const recording::ExportedMember& chosen_member(const std::vector<recording::ExportedMember>& members,
                                               const std::string& name);

} // namespace plateau::commands
