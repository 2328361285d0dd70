#include "engine/study/value.h"

#include <charconv>
#include <cmath>

namespace plateau::study {
namespace {

/// The shortest text that reads back to the same bits and that TOML takes for a float: "0.001", "1e-6",
/// "3.0".
std::string real_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  std::string text(buffer, end);
  const auto exponent = text.find('e');
  if (exponent == std::string::npos) return text.find('.') == std::string::npos ? text + ".0" : text;
  // "1e-06" -> "1e-6"
  const auto first_digit = exponent + 2;
  const auto significant = text.find_first_not_of('0', first_digit);
  return text.erase(first_digit, significant - first_digit);
}

} // namespace

std::string to_string(const Value& value) {
  struct Printer {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return real_text(number); }
    std::string operator()(const std::string& text) const { return text; }
  };
  return std::visit(Printer{}, value);
}

} // namespace plateau::study
