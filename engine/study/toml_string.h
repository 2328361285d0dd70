// Text in TOML documents.
#pragma once

#include <string>
#include <string_view>

namespace plateau::study {

/// `text` as a TOML basic string, in quotes. With `multi_line`, text with line breaks keeps them, between
/// triple quotes.
std::string toml_string(std::string_view text, bool multi_line = false);

} // namespace plateau::study
