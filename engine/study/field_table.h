// How the tables of fields are written down; each *_fields.cpp declares one TOML table. A new setting needs
// its member in settings.h and its entry there; a new choice only its name in `choices`.
#pragma once

#include <utility>
#include <vector>

#include "engine/study/fields.h"

namespace plateau::study {

std::vector<Field> task_fields();
std::vector<Field> sequence_task_fields(); // of the same table: tasks of grokking and in-context learning
std::vector<Field> model_fields();
std::vector<Field> attention_fields();
std::vector<Field> optimizer_fields();
std::vector<Field> training_fields();
std::vector<Field> strategy_fields();
std::vector<Field> probe_fields();

inline bool is_vision_transformer(const Settings& settings) {
  return settings.model.kind == "vision-transformer";
}
inline bool is_decoder(const Settings& settings) {
  return settings.model.kind == "decoder";
}
inline bool is_arithmetic_transformer(const Settings& settings) {
  return settings.model.kind == "arithmetic-transformer";
}
inline bool is_transformer(const Settings& settings) { // one with softmax attention, norms and MLPs
  return is_vision_transformer(settings) || is_decoder(settings) || is_arithmetic_transformer(settings);
}
inline bool is_task(const Settings& settings, const char* kind) {
  return settings.task.kind == kind;
}
/// Has it a mapping that may be the same for all sequences or drawn anew?
inline bool has_mappings(const Settings& settings) {
  return is_task(settings, "factor-labels") || (is_task(settings, "text") && settings.task.alphabets > 0);
}
/// Has it attributes or rules that a second loss can ask for? A text as it is has none: its models keep no
/// outputs for them.
inline bool has_extra_targets(const Settings& settings) {
  return has_mappings(settings);
}
inline bool is_linear_transformer(const Settings& settings) {
  return settings.model.kind == "linear-transformer";
}
inline bool is_resnet(const Settings& settings) {
  return settings.model.kind == "resnet";
}

/// Completes a declaration with what follows from the member it stands for: type, default, access.
template<class Table, class Member>
Field declare(Table Settings::*table, Member Table::*member, Field field) {
  if constexpr (std::is_same_v<Member, bool>)
    field.type = FieldType::Boolean;
  else if constexpr (std::is_same_v<Member, std::int64_t>)
    field.type = FieldType::Integer;
  else if constexpr (std::is_same_v<Member, double>)
    field.type = FieldType::Real;
  else
    field.type = field.choices.empty() ? FieldType::Text : FieldType::Choice;
  field.get = [table, member](const Settings& settings) { return Value(settings.*table.*member); };
  field.put = [table, member](Settings& settings, const Value& value) {
    settings.*table.*member = std::get<Member>(value);
  };
  field.default_value = field.get(Settings{});
  if (!field.applies) field.applies = [](const Settings&) { return true; };
  return field;
}

} // namespace plateau::study
