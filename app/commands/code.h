// `plateau code`: a study, or a recording's, as text to paste elsewhere.
#pragma once

#include <string>

#include "app/commands/study_arguments.h"

namespace plateau::commands {

struct CodeArguments {
  StudyArguments study = {}; // a name or path of a study, or a .plateau file
  std::string form = "toml"; // --as toml | command | pytorch
  std::string member = {};   // --member: of pytorch; empty: the first
};

/// Prints it. Throws InputError.
int code_command(const CodeArguments& arguments);

} // namespace plateau::commands
