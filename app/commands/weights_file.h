// What the two commands that write safetensors files have in common.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/recording/exported_members.h"

namespace plateau::commands {

/// Where the tensors come from: study (as TOML), member (as the study calls it, and as the person does),
/// seed, step, plateau's version.
std::map<std::string, std::string> provenance(const recording::Reader& reader,
                                              const recording::ExportedMember& member, std::int64_t step);

} // namespace plateau::commands
