// `plateau export`: a recording's curves and weights for other programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace plateau::commands {

struct ExportArguments {
  std::string recording = {};
  std::string csv = {};                  // --csv DIR
  std::string tensorboard = {};          // --tensorboard DIR
  std::string npz = {};                  // --npz FILE: curves and arrays
  std::string safetensors = {};          // --safetensors FILE: the weights
  std::optional<std::int64_t> step = {}; // --step: of weights or arrays; empty: the last
  std::string member = {};               // --member: empty: the first's weights, of all else everybody's
  bool force = false;                    // --force: existing files may be replaced
};

/// Prints one line per file or folder. Throws InputError and RunError.
int export_command(const ExportArguments& arguments);

} // namespace plateau::commands
