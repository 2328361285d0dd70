// Small changes to texts.
#pragma once

#include <string>

namespace plateau::window {

/// Without spaces and tabs at either end.
std::string trimmed(const std::string& text);
/// ASCII letters in small ones.
std::string lower(std::string text);

} // namespace plateau::window
