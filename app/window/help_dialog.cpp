#include "app/window/help_dialog.h"

#include <algorithm>
#include <vector>

#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/shortcuts.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

struct Row {
  std::string chord, description;
};

/// The table of shortcuts; keys of tabs by the names of the tabs that are there.
std::vector<Row> rows_of(std::span<const std::string> tabs) {
  std::vector<Row> rows;
  for (const Shortcut& shortcut : shortcuts()) {
    std::string description = shortcut.description;
    if (const auto* tab = std::get_if<ShowTab>(&shortcut.action)) {
      if (tab->index >= static_cast<int>(tabs.size())) continue;
      description = "tab " + tabs[static_cast<std::size_t>(tab->index)];
    }
    rows.push_back({display_name(shortcut.chords.front()), std::move(description)});
  }
  return rows;
}

} // namespace

void HelpDialog::draw(const View& view, std::span<const std::string> tabs) {
  const bool closing = toggling_ && is_open_;
  if (toggling_ && !is_open_) ImGui::OpenPopup("Keyboard and mouse");
  toggling_ = false;
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImGui::SetNextWindowPos({window.x / 2, window.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  bool stays = true;
  is_open_ = ImGui::BeginPopupModal("Keyboard and mouse", &stays,
                                    ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings);
  if (!is_open_) return;
  const auto list = rows_of(tabs);
  const std::size_t rows = (list.size() + 1) / 2;
  if (ImGui::BeginTable("shortcuts", 4, ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_PadOuterX)) {
    const auto cells = [&](std::size_t i) {
      if (i >= list.size()) return;
      ImGui::TableNextColumn();
      widgets::push_font(view.widgets.fonts.mono);
      dim_text(view, list[i].chord);
      ImGui::PopFont();
      ImGui::TableNextColumn();
      ImGui::TextUnformatted((list[i].description + "   ").c_str());
    };
    for (std::size_t row = 0; row < rows; ++row) {
      ImGui::TableNextRow();
      cells(row);
      cells(row + rows);
    }
    ImGui::EndTable();
  }
  section(view, "IN PLOTS");
  dim_text(
      view,
      "Wheel: zoom steps (Shift: values).  Drag: zoom into the box.  Right drag: move.  Double click: all.");
  dim_text(view,
           "Click: move the playhead there.  Click a legend entry: hide or show (Ctrl: only this one).");
  dim_text(view, "Right click: remarks, scales, linked steps.  Drag the end of a plateau: correct it.");
  dim_text(view, "Ctrl + click on a slider: type its value.");
  ImGui::Spacing();
  if (primary_button(view, "close-help", "Close", em() * 8) || closing ||
      widgets::key_pressed(widgets::Key::Escape))
    ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

} // namespace plateau::window
