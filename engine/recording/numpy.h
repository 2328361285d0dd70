// Exports a recording as one .npz file for NumPy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "engine/recording/exported_members.h"

namespace plateau::recording {

/// Writes for each member M (ExportedMember::file) its curves as "M/curves/METRIC", structured arrays of step
/// and value, and its probes' arrays as they were at `step` (default: the last), "M/arrays/NAME", with
/// "M/step", that of the latest among them; and the study as TOML, "study". Holds one curve at a time in
/// memory. Throws InputError or RunError.
void export_npz(const Reader& reader, std::span<const ExportedMember> members,
                std::optional<std::int64_t> step, const std::filesystem::path& file);

} // namespace plateau::recording
