// Large numbers for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace plateau::tasks {

/// "60 000"
inline std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
    text.insert(static_cast<std::size_t>(i), 1, ' ');
  return text;
}

} // namespace plateau::tasks
