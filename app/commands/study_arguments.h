// A study as a command line asks for it: by name or path, with changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/errors.h"
#include "engine/study/study.h"

namespace plateau::commands {

struct StudyArguments {
  std::string study = "eureka";              // name or path
  std::vector<std::string> assignments = {}; // --set field=value
  std::optional<std::int64_t> steps = {};    // --steps
  std::string seeds = {};                    // --seeds "4" or "1,5,7"; empty: the study's own
};

/// "4" -> 0 1 2 3; "1,5,7" -> these; "7," -> only 7. Throws InputError.
std::vector<std::int64_t> parse_seeds(std::string_view text);

/// The study with the changes applied. Throws InputError.
study::Study chosen_study(const StudyArguments& arguments);

/// The place of the study's member of this name, or number. Throws InputError with the nearest names.
int member_called(const std::string& name, const std::vector<std::string>& names);
/// What it throws.
InputError no_member_called(const std::string& name, const std::vector<std::string>& names);
/// Empty for anything but digits with an optional sign.
std::optional<std::int64_t> whole_number(std::string_view text);

} // namespace plateau::commands
