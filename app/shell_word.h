// Quoting for commands that a person pastes into a shell.
#pragma once

#include <string>

namespace plateau::app {

/// `text` as one word for a POSIX shell.
std::string shell_word(const std::string& text);

} // namespace plateau::app
