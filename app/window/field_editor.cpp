#include "app/window/field_editor.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
using study::Field;
using study::FieldType;
using study::Value;

std::string item_name(const Field& field) {
  std::string name = field.name;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

std::string group_of(const Field& field) {
  return field.name.substr(0, field.name.find('.'));
}

namespace {

/// Over such ranges one pixel of a slider would be more than what one wants to change.
bool is_typed(const Field& field, const Value& shown) {
  if (field.logarithmic) return false;
  if (field.type == FieldType::Integer) return field.maximum - field.minimum >= 1e6;
  const auto tiny = [&](double value) { return value > 0 && value < 1e-3 * field.maximum; };
  return tiny(std::get<double>(field.default_value)) || tiny(std::get<double>(shown));
}

} // namespace

std::optional<Value> FieldEditor::draw(const View& view, const Field& field, const Value& shown,
                                       bool changed) {
  const widgets::Theme& theme = view.widgets.theme;
  const float width = ImGui::GetContentRegionAvail().x;
  const float label_width = width * 0.47f;
  const float left = ImGui::GetCursorPosX();
  ImGui::AlignTextToFramePadding();
  ImGui::BeginGroup();
  fitted_text(view, changed ? "● " + field.label : field.label, label_width - em() * 0.4f,
              changed ? theme.accent : theme.text);
  ImGui::EndGroup();
  ImGui::SameLine(left + label_width);
  ImGui::SetNextItemWidth(width - label_width);
  return control(view, field, shown);
}

std::optional<Value> FieldEditor::draw_control(const View& view, const Field& field, const Value& shown,
                                               float width, const char* hint) {
  ImGui::SetNextItemWidth(width);
  return control(view, field, shown, hint);
}

std::optional<Value> FieldEditor::control(const View& view, const Field& field, const Value& shown,
                                          const char* hint) {
  const std::string id = "##" + field.name;
  const std::string name = item_name(field);
  const bool held = active_ == field.name;
  std::optional<Value> result;
  const int flags = ImGuiSliderFlags_AlwaysClamp | (field.logarithmic ? ImGuiSliderFlags_Logarithmic : 0);

  const auto finish = [&](const Value& value) {
    mark(view, name);
    if (ImGui::IsItemActive()) {
      active_ = field.name;
      in_hand_ = value;
    } else if (held) {
      active_.clear();
    }
    if (ImGui::IsItemDeactivatedAfterEdit()) result = value;
  };

  switch (field.type) {
  case FieldType::Boolean: {
    bool value = std::get<bool>(shown);
    if (ImGui::Checkbox(id.c_str(), &value)) result = value;
    mark(view, name);
    break;
  }
  case FieldType::Choice: {
    const auto& text = std::get<std::string>(shown);
    const auto selected = std::ranges::find(field.choices, text) - field.choices.begin();
    if (const auto chosen =
            combo(view, name, field.choices, static_cast<int>(selected), ImGui::CalcItemWidth()))
      result = field.choices[static_cast<std::size_t>(*chosen)];
    break;
  }
  case FieldType::Integer: {
    std::int64_t value = std::get<std::int64_t>(held ? in_hand_ : shown);
    const auto low = static_cast<std::int64_t>(field.minimum),
               high = static_cast<std::int64_t>(field.maximum);
    if (is_typed(field, shown))
      ImGui::InputScalar(id.c_str(), ImGuiDataType_S64, &value, nullptr, nullptr, "%lld");
    else
      ImGui::SliderScalar(id.c_str(), ImGuiDataType_S64, &value, &low, &high, "%lld", flags);
    finish(std::clamp(value, low, high));
    break;
  }
  case FieldType::Real: {
    double value = std::get<double>(held ? in_hand_ : shown);
    if (is_typed(field, shown))
      ImGui::InputScalar(id.c_str(), ImGuiDataType_Double, &value, nullptr, nullptr, "%.4g");
    else
      ImGui::SliderScalar(id.c_str(), ImGuiDataType_Double, &value, &field.minimum, &field.maximum, "%.4g",
                          flags);
    finish(std::clamp(value, field.minimum, field.maximum));
    break;
  }
  case FieldType::Text: {
    const auto& text = std::get<std::string>(held ? in_hand_ : shown);
    if (!held) {
      text_.fill(0);
      text.copy(text_.data(), text_.size() - 1);
    }
    ImGui::InputTextWithHint(id.c_str(), hint, text_.data(), text_.size());
    finish(std::string(text_.data()));
    break;
  }
  }
  return result;
}

void field_help(const View& view, const Field& field, const study::Settings& settings,
                const RunNumbers& numbers) {
  std::string formula = field.formula;
  if (const std::string worked = with_numbers(field, settings, numbers); !worked.empty())
    formula += (formula.empty() ? "" : "\n") + worked;
  std::string title = field.label;
  if (!field.unit.empty()) title += ", " + field.unit;
  std::string text = field.help + "\nAllowed: " + study::allowed(field) + ".";
  if (!field.live) text += " Needs a restart.";
  widgets::help(view.widgets,
                {.title = title, .text = text, .formula = formula, .source = field.source, .shortcut = {}});
}

} // namespace plateau::window
