// Exports a recording as event files that TensorBoard reads.
#pragma once

#include <filesystem>
#include <span>

#include "engine/recording/exported_members.h"

namespace plateau::recording {

/// Writes one folder, a run, per member: its curves as scalars, saturation histograms and the spread of
/// single batches' gradients as histograms, of up to ten steps each layer's attention as images (mean over
/// the probed samples, heads side by side, brightness by the square root of the weight), and the study as
/// text. A recording holds no times: events stand one millisecond per step after its beginning. Holds one
/// curve at a time in memory. Creates the folder; refuses one that already holds such a run. Throws
/// InputError or RunError.
void export_tensorboard(const std::filesystem::path& recording, std::span<const ExportedMember> members,
                        const std::filesystem::path& folder);

} // namespace plateau::recording
