// `plateau run`: trains a study without a window.
#pragma once

#include <filesystem>
#include <string>

#include "app/commands/study_arguments.h"

namespace plateau::commands {

struct RunArguments {
  StudyArguments study = {};
  bool study_named = false;    // STUDY was given; only `resume` can do without
  std::string out = {};        // --out; empty: new_recording_path() in the current folder
  std::string device = "auto"; // --device auto|cpu|cuda
  int threads = 0;             // --threads; 0: one per core
  std::string resume = {};     // --resume: a recording to go on with
  bool json = false;           // --json
};

struct RunResult {
  int exit_code = 0; // 0 or 130
  std::filesystem::path recording;
};

/// Throws InputError (also for data that are missing) and RunError.
RunResult run_study(const RunArguments& arguments);
int run_command(const RunArguments& arguments);

/// "eureka.plateau", "eureka-2.plateau" ...: the first in `folder` that does not exist yet.
std::filesystem::path new_recording_path(const std::filesystem::path& folder, const std::string& study_name);

} // namespace plateau::commands
