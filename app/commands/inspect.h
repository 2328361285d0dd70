// `plateau inspect`: what a model at a checkpoint computes on the probe samples, for anyone who wants to
// check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace plateau::commands {

struct InspectArguments {
  std::string recording = {};
  std::optional<std::int64_t> step = {}; // --step, required
  std::string member = {};               // --member; empty: the first
  std::string out = {};                  // --out FILE.safetensors, required
  bool force = false;                    // --force: an existing file may be replaced
};

/// Throws InputError and RunError.
int inspect_command(const InspectArguments& arguments);

} // namespace plateau::commands
