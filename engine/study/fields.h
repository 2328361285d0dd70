// The one field table (DESIGN 7): TOML, --set, the window's controls, tooltips, validation messages and
// `plateau list fields` all come from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/study/settings.h"
#include "engine/study/value.h"

namespace plateau::study {

enum class FieldType { Boolean, Integer, Real, Choice, Text };

struct Field {
  std::string name = {};  // "optimizer.learning_rate"; the part before the dot is its TOML table
  std::string label = {}; // "learning rate"
  FieldType type = FieldType::Real;
  Value default_value = {};
  double minimum = 0, maximum = 0;                   // inclusive; Integer and Real only
  bool logarithmic = false;                          // a slider over several decades
  std::vector<std::string> choices = {};             // Choice only
  std::string unit = {};                             // "steps", "x sqrt(d_k)", "" for pure numbers
  std::string help = {};                             // one or two sentences for a tooltip
  std::string formula = {};                          // empty where there is none
  std::string source = {};                           // paper or "Plateau extension"
  bool live = false;                                 // may change in mid-run; otherwise only before step 0
  bool per_member = true;                            // false: one value for the whole study
  std::function<bool(const Settings&)> applies = {}; // does it mean anything with these settings?
  std::function<Value(const Settings&)> get = {};
  std::function<void(Settings&, const Value&)> put = {}; // unchecked; use set()
};

/// All fields in the order in which they are shown.
std::span<const Field> fields();

/// The field called `name`. Throws InputError that names the nearest right names.
const Field& field(std::string_view name);

/// Checks type and range, converts an integer to a real where a real is wanted, and stores it.
/// Throws InputError: what is wrong and what is allowed.
void set(Settings& settings, const Assignment& assignment);
Value get(const Settings& settings, std::string_view name);

/// The value that `text` means for this field ("1e-3", "true", "softmax"). Throws InputError.
Value parse_value(const Field& field, std::string_view text);

/// What is allowed, for messages and tooltips: "a number from 0 to 1", "one of softmax, norm-softmax".
std::string allowed(const Field& field);

/// Checks across fields (width divisible by heads, patch divides canvas, ...). Throws InputError.
void validate(const Settings& settings);

/// Names nearest to a wrong one, for "did you mean"; at most `count`, nearest first.
std::vector<std::string> nearest(std::string_view wrong, std::span<const std::string> names, int count = 3);

/// ", did you mean 'a' or 'b'?" — empty when nothing is near.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> names);

} // namespace plateau::study
