// One control for one setting, made from the field table.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "app/window/explain.h"
#include "app/window/view.h"
#include "engine/study/fields.h"

namespace plateau::window {

/// "optimizer.learning_rate" -> "optimizer-learning-rate": the name of its control in scripts.
std::string item_name(const study::Field& field);
std::string group_of(const study::Field& field); // "optimizer"

class FieldEditor {
public:
  /// Draws label and control of a row, `shown` being the value it stands at. Returns the person's new value
  /// when they are done choosing it: a slider does not report each point on its way.
  std::optional<study::Value> draw(const View& view, const study::Field& field, const study::Value& shown,
                                   bool changed);

  /// The control alone, `width` wide; an empty text shows `hint`.
  std::optional<study::Value> draw_control(const View& view, const study::Field& field,
                                           const study::Value& shown, float width, const char* hint = "");

private:
  std::optional<study::Value> control(const View& view, const study::Field& field, const study::Value& shown,
                                      const char* hint = "");

  std::string active_;   // field whose control is held
  study::Value in_hand_; // where it stands
  std::array<char, 512> text_{};
};

/// What it is, the formula in general and with this run's numbers, what is allowed, its source.
void field_help(const View& view, const study::Field& field, const study::Settings& settings,
                const RunNumbers& numbers);

} // namespace plateau::window
