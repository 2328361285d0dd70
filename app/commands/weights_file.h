// What the two commands that write safetensors files have in common.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/recording/reader.h"

namespace plateau::commands {

/// The member called `name` (or with that number); the first when empty. Throws InputError.
recording::MemberRecord chosen_member(const recording::Reader& reader, const std::string& name);

/// Where the tensors come from: study (as TOML), member, seed, step, plateau's version.
std::map<std::string, std::string> provenance(const recording::Reader& reader,
                                              const recording::MemberRecord& member, std::int64_t step);

} // namespace plateau::commands
