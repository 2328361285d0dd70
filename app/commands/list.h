// `plateau list`: every name that other commands accept.
#pragma once

#include <string>

namespace plateau::commands {

struct ListArguments {
  std::string what = {}; // studies | attention | tasks | probes | figures | fields
  bool json = false;
};

/// Throws InputError for a list that does not exist.
std::string list_text(const ListArguments& arguments);
int list_command(const ListArguments& arguments);

} // namespace plateau::commands
