#include "engine/study/toml_string.h"

#include <fmt/format.h>

namespace plateau::study {

std::string toml_string(std::string_view text, bool multi_line) {
  const bool keep_breaks = multi_line && text.find('\n') != std::string_view::npos;
  std::string result = keep_breaks ? "\"\"\"\n" : "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\')
      result += {'\\', letter};
    else if (letter == '\n')
      result += keep_breaks ? "\n" : "\\n";
    else if (code < 0x20 || code == 0x7f)
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(code));
    else
      result += letter;
  }
  return result + (keep_breaks ? "\"\"\"" : "\"");
}

} // namespace plateau::study
