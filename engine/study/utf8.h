// Text that can stand in a study, a recording and a file name's folder alike.
#pragma once

#include <string>
#include <string_view>

namespace plateau::study {

/// Well-formed UTF-8 without control characters; line breaks and tabs only with `multi_line`.
bool is_plain_utf8(std::string_view text, bool multi_line = false);

/// For messages, which are one line: the text itself when it is plain, otherwise with '?' for what is not
/// ASCII.
std::string printable(std::string_view text);

} // namespace plateau::study
