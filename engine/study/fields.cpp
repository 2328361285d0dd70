#include "engine/study/fields.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/errors.h"
#include "engine/study/field_table.h"
#include "engine/study/rules.h"
#include "engine/study/utf8.h"

namespace plateau::study {
namespace {

std::vector<Field> collect() {
  std::vector<Field> all;
  for (auto part : {task_fields(), sequence_task_fields(), model_fields(), attention_fields(),
                    optimizer_fields(), training_fields(), strategy_fields(), probe_fields()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Strings quoted, so that "3" and 3 look different in messages.
std::string quoted(const Value& value) {
  return std::holds_alternative<std::string>(value) ? '"' + to_string(value) + '"' : to_string(value);
}

/// More choices than this make a line that nobody reads.
constexpr std::size_t most_listed = 12;

[[noreturn]] void refuse(const Field& field, const std::string& given, const std::string& hint = "") {
  throw InputError(
      fmt::format("{} = {}: allowed is {}{}", field.name, printable(given), allowed(field), hint));
}

bool in_range(const Field& field, double number) {
  return field.minimum <= number && number <= field.maximum;
}

/// The value in the field's own type. Throws InputError.
Value checked(const Field& field, const Value& value) {
  switch (field.type) {
  case FieldType::Boolean:
    if (std::holds_alternative<bool>(value)) return value;
    break;
  case FieldType::Integer:
    if (const auto* number = std::get_if<std::int64_t>(&value))
      if (in_range(field, static_cast<double>(*number))) return value;
    break;
  case FieldType::Real:
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      if (in_range(field, static_cast<double>(*number))) return static_cast<double>(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
      if (in_range(field, *real)) return value;
    }
    break;
  case FieldType::Choice:
    if (const auto* text = std::get_if<std::string>(&value)) {
      for (const auto& choice : field.choices)
        if (choice == *text) return value;
      const auto hint = did_you_mean(*text, field.choices);
      if (field.choices.size() > most_listed && !hint.empty())
        throw InputError(fmt::format("{} = {}: there is no such choice{}; 'plateau list fields' names all {}",
                                     field.name, printable(quoted(value)), hint, field.choices.size()));
      refuse(field, quoted(value), hint);
    }
    break;
  case FieldType::Text:
    if (const auto* text = std::get_if<std::string>(&value))
      if (is_plain_utf8(*text)) return value;
    break;
  }
  refuse(field, quoted(value));
}

template<class Number> bool reads_as(std::string_view text, Number& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

} // namespace

std::span<const Field> fields() {
  static const std::vector<Field> all = collect();
  return all;
}

const Field& field(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Field*> map;
    for (const auto& field : fields()) map.emplace(field.name, &field);
    return map;
  }();
  if (const auto found = by_name.find(name); found != by_name.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& field : fields()) names.push_back(field.name);
  throw InputError(fmt::format("unknown key '{}'{}", printable(name), did_you_mean(name, names)));
}

void set(Settings& settings, const Assignment& assignment) {
  const auto& which = field(assignment.field);
  which.put(settings, checked(which, assignment.value));
}

Value get(const Settings& settings, std::string_view name) {
  return field(name).get(settings);
}

Value parse_value(const Field& field, std::string_view text) {
  switch (field.type) {
  case FieldType::Boolean:
    if (text == "true") return true;
    if (text == "false") return false;
    break;
  case FieldType::Integer: {
    std::int64_t number = 0;
    if (reads_as(text, number)) return checked(field, number);
    // "1e4" is a whole number too; doubles beyond 2^53 are not exact.
    double real = 0;
    if (reads_as(text, real) && std::abs(real) < 9007199254740992.0 && std::trunc(real) == real)
      return checked(field, static_cast<std::int64_t>(real));
    break;
  }
  case FieldType::Real: {
    double number = 0;
    if (reads_as(text, number)) return checked(field, number);
    break;
  }
  case FieldType::Choice:
  case FieldType::Text:
    return checked(field, std::string(text));
  }
  refuse(field, std::string(text));
}

std::string allowed(const Field& field) {
  switch (field.type) {
  case FieldType::Boolean:
    return "true or false";
  case FieldType::Integer:
    return fmt::format("a whole number from {:.0f} to {:.0f}", field.minimum, field.maximum);
  case FieldType::Real:
    return fmt::format("a number from {} to {}", field.minimum, field.maximum);
  case FieldType::Choice:
    return (field.choices.size() > 1 ? "one of " : "only ") +
           fmt::format("{}", fmt::join(field.choices, ", "));
  case FieldType::Text:
    return "text (UTF-8, without control characters)";
  }
  return "";
}

void validate(const Settings& settings) {
  if (const auto conflict = find_conflict(settings)) throw InputError(conflict->message);
}

} // namespace plateau::study
