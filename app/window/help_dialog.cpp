#include "app/window/help_dialog.h"

#include <algorithm>

#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/shortcuts.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

void HelpDialog::draw(const View& view) {
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
  const auto list = shortcuts();
  const std::size_t rows = (list.size() + 1) / 2;
  if (ImGui::BeginTable("shortcuts", 4, ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_PadOuterX)) {
    const auto cells = [&](std::size_t i) {
      if (i >= list.size()) return;
      ImGui::TableNextColumn();
      widgets::push_font(view.widgets.fonts.mono);
      dim_text(view, display_name(list[i].chords.front()));
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
  dim_text(view, "Ctrl + click on a slider: type its value.");
  ImGui::Spacing();
  if (primary_button(view, "close-help", "Close", em() * 8) || closing ||
      widgets::key_pressed(widgets::Key::Escape))
    ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

} // namespace plateau::window
