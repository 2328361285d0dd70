// The parts of reading TOML that are used outside parse_study().
#pragma once

#include <string>

namespace plateau::study {

/// Only the title (or else the name) of a study; nothing else is checked but the syntax. Throws InputError.
std::string read_title(const std::string& toml, const std::string& source);

} // namespace plateau::study
