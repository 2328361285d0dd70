// fmt::join of strings draws a false -Wstringop-overflow from GCC 12 with fmt 9, hence this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plateau::tasks {

inline std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) text += separator;
    text += part;
  }
  return text;
}

} // namespace plateau::tasks
