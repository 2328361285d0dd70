#include "app/window/elements.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"
#include "widgets/word_wrap.h"

namespace plateau::window {
using widgets::to_u32;
using widgets::to_vec4;

float em() {
  return ImGui::GetFontSize();
}

void mark(const View& view, std::string_view id) {
  widgets::test_ids::mark(id);
  if (view.wanted_item != id) return;
  const float top = ImGui::GetWindowPos().y, bottom = top + ImGui::GetWindowSize().y;
  const bool in_sight = ImGui::GetItemRectMin().y >= top && ImGui::GetItemRectMax().y <= bottom;
  if (!in_sight) ImGui::SetScrollHereY(0.5f);
}

void section(const View& view, std::string_view text) {
  ImGui::Dummy({0, em() * 0.2f});
  widgets::push_font(view.widgets.fonts.small_semibold);
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(view.widgets.theme.dim_text));
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  const float y = (low.y + high.y) / 2, right = low.x + ImGui::GetContentRegionAvail().x;
  if (right > high.x + em())
    ImGui::GetWindowDrawList()->AddLine({high.x + em() * 0.5f, y}, {right, y},
                                        to_u32(view.widgets.theme.border));
}

void dim_text(const View& view, std::string_view text) {
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(view.widgets.theme.dim_text));
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopStyleColor();
}

void wrapped_text(const View&, std::string_view text, widgets::Color color) {
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(color));
  const std::string lines = widgets::word_wrap(text, ImGui::GetContentRegionAvail().x);
  ImGui::TextUnformatted(lines.data(), lines.data() + lines.size());
  ImGui::PopStyleColor();
}

void fitted_text(const View& view, std::string_view text, float width, widgets::Color color) {
  const float full = ImGui::CalcTextSize(text.data(), text.data() + text.size()).x;
  std::string shown(text);
  if (full > width) {
    const float ellipsis = ImGui::CalcTextSize("…").x;
    std::size_t length = text.size();
    while (length > 0 && ImGui::CalcTextSize(text.data(), text.data() + length).x + ellipsis > width) {
      --length;
      while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    }
    shown = std::string(text.substr(0, length)) + "…";
  }
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(color));
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopStyleColor();
  if (full > width) widgets::help(view.widgets, text);
}

void mono_text(const View& view, std::string_view text, bool small) {
  widgets::push_font(small ? view.widgets.fonts.small_mono : view.widgets.fonts.mono);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
}

bool button(const View& view, std::string_view id, std::string_view label, float width) {
  const bool pressed = ImGui::Button(fmt::format("{}##{}", label, id).c_str(), {width, 0});
  mark(view, id);
  return pressed;
}

bool primary_button(const View& view, std::string_view id, std::string_view label, float width) {
  const widgets::Theme& theme = view.widgets.theme;
  ImGui::PushStyleColor(ImGuiCol_Button, to_vec4(theme.accent));
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, to_vec4(mix(theme.accent, theme.text, 0.15f)));
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, to_vec4(mix(theme.accent, theme.panel, 0.2f)));
  ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(theme.on_accent));
  const bool pressed = button(view, id, label, width);
  ImGui::PopStyleColor(4);
  return pressed;
}

bool segmented(const View& view, std::string_view id, std::span<const std::string> labels, int& selected) {
  const widgets::Theme& theme = view.widgets.theme;
  bool changed = false;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {1, ImGui::GetStyle().ItemSpacing.y});
  for (int i = 0; i < static_cast<int>(labels.size()); ++i) {
    const std::string& label = labels[static_cast<std::size_t>(i)];
    const float width = ImGui::CalcTextSize(label.c_str()).x + 2 * ImGui::GetStyle().FramePadding.x;
    if (i) beside(width, 1);
    const bool down = i == selected;
    ImGui::PushStyleColor(ImGuiCol_Button, to_vec4(down ? theme.accent : theme.raised));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered,
                          to_vec4(down ? theme.accent : mix(theme.raised, theme.text, 0.12f)));
    ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(down ? theme.on_accent : theme.text));
    if (ImGui::Button(fmt::format("{}##{}", label, id).c_str()) && !down) {
      selected = i;
      changed = true;
    }
    ImGui::PopStyleColor(3);
    mark(view, fmt::format("{}/{}", id, label));
  }
  ImGui::PopStyleVar();
  return changed;
}

std::optional<int> combo(const View& view, std::string_view id, std::span<const std::string> entries,
                         int selected, float width) {
  std::optional<int> chosen;
  ImGui::SetNextItemWidth(width);
  const bool valid = selected >= 0 && selected < static_cast<int>(entries.size());
  const char* preview = valid ? entries[static_cast<std::size_t>(selected)].c_str() : "";
  const bool open = ImGui::BeginCombo(fmt::format("##{}", id).c_str(), preview, ImGuiComboFlags_HeightLarge);
  if (!open) mark(view, id);
  if (open) {
    for (int i = 0; i < static_cast<int>(entries.size()); ++i) {
      const std::string& entry = entries[static_cast<std::size_t>(i)];
      if (ImGui::Selectable(fmt::format("{}##{}", entry, i).c_str(), i == selected)) chosen = i;
      mark(view, fmt::format("{}/{}", id, entry));
      if (i == selected) ImGui::SetItemDefaultFocus();
    }
    ImGui::EndCombo();
  }
  return chosen;
}

bool checkbox(const View& view, std::string_view id, std::string_view label, bool& value) {
  const bool changed = ImGui::Checkbox(fmt::format("{}##{}", label, id).c_str(), &value);
  mark(view, id);
  return changed;
}

LowControls::LowControls() {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em() * 0.5f, em() * 0.15f});
}

LowControls::~LowControls() {
  ImGui::PopStyleVar();
}

void beside(float width, float gap) {
  ImGui::SameLine(0, gap);
  if (ImGui::GetContentRegionAvail().x < width) ImGui::NewLine();
}

void empty_state(const View& view, std::string_view what, std::string_view advice) {
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float width = std::min(space.x - em() * 2, em() * 26);
  if (width < em() * 4) return;
  const std::string advice_lines = widgets::word_wrap(advice, width),
                    what_lines = widgets::word_wrap(what, width);
  const ImVec2 advice_size = ImGui::CalcTextSize(advice_lines.c_str());
  const ImVec2 what_size = ImGui::CalcTextSize(what_lines.c_str());
  const float height = what_size.y + em() * 0.6f + advice_size.y;
  const float top = origin.y + std::max(0.f, (space.y - height) * 0.45f);

  const auto paragraph = [&](const std::string& lines, ImVec2 size, float y, widgets::Color color) {
    ImGui::SetCursorScreenPos({origin.x + (space.x - size.x) / 2, y});
    ImGui::PushStyleColor(ImGuiCol_Text, to_vec4(color));
    ImGui::TextUnformatted(lines.c_str());
    ImGui::PopStyleColor();
  };
  paragraph(what_lines, what_size, top, view.widgets.theme.text);
  paragraph(advice_lines, advice_size, top + what_size.y + em() * 0.6f, view.widgets.theme.dim_text);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  const auto minutes = static_cast<long long>(std::llround(seconds / 60));
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes < 24 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / (24 * 60), minutes / 60 % 24);
}

std::string rate(double value) {
  if (value >= 9999.5) return fmt::format("{:.1f}k", value / 1000);
  if (value >= 99.5) return fmt::format("{:.0f}", value);
  if (value >= 9.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

} // namespace plateau::window
