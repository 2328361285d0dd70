// A field's value as it appears in TOML, on the command line and in the window.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace plateau::study {

using Value = std::variant<bool, std::int64_t, double, std::string>;

/// The value as TOML would write it (shortest form that reads back to the same bits; strings unquoted).
std::string to_string(const Value& value);

/// One `field = value`, for example {"optimizer.learning_rate", 1e-3}.
struct Assignment {
  std::string field;
  Value value;
  bool operator==(const Assignment&) const = default;
};

} // namespace plateau::study
