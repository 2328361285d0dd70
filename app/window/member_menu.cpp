#include "app/window/member_menu.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/looks.h"
#include "app/window/elements.h"
#include "app/window/member_looks.h"
#include "app/window/overlay_run.h"
#include "app/window/shortcuts.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

constexpr const char* popup = "member menu";

bool item(const View& view, const char* id, const char* label, const char* key, const char* help,
          bool enabled = true, bool checked = false) {
  const bool chosen = ImGui::MenuItem(label, key, checked, enabled);
  mark(view, id);
  widgets::help(view.widgets, help);
  return chosen;
}

} // namespace

void MemberMenu::colors(const View& view, const training::MemberView& member) {
  const widgets::Theme& theme = view.widgets.theme;
  const auto choose = [&](const std::string& color) {
    auto look = look_of(view, member.id);
    look.color = color;
    change_look(view, member.id, look, "colour of " + member.name);
  };
  const widgets::Color now = widgets::member_color(theme, static_cast<std::size_t>(member.id));
  const float side = ImGui::GetTextLineHeight() * 1.1f;
  for (std::size_t i = 0; i < theme.members.size(); ++i) {
    if (i > 0) ImGui::SameLine(0, em() * 0.25f);
    ImGui::PushID(static_cast<int>(i));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (ImGui::InvisibleButton("##color", {side, side})) {
      choose(figures::to_string(theme.members[i]));
      ImGui::CloseCurrentPopup();
    }
    mark(view, fmt::format("color-{}", i));
    widgets::help(view.widgets,
                  "A colour of the palette; it suits the light, the dark and the printed ground.");
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 high = {at.x + side, at.y + side};
    list->AddRectFilled(at, high, widgets::to_u32(theme.members[i]), side * 0.2f);
    if (now == theme.members[i] || ImGui::IsItemHovered())
      list->AddRect({at.x - 1, at.y - 1}, {high.x + 1, high.y + 1}, widgets::to_u32(theme.text), side * 0.25f,
                    0, 1.5f);
    ImGui::PopID();
  }
  if (ImGui::BeginMenu("Another colour")) {
    // One change when the hand lets go, not one for each shade on the way.
    if (!ImGui::IsAnyItemActive()) free_color_ = {now.r, now.g, now.b};
    ImGui::ColorPicker3("##free", free_color_.data(),
                        ImGuiColorEditFlags_NoSidePreview | ImGuiColorEditFlags_DisplayHex |
                            ImGuiColorEditFlags_PickerHueWheel);
    mark(view, "color-free");
    if (ImGui::IsItemDeactivatedAfterEdit())
      choose(figures::to_string({free_color_[0], free_color_[1], free_color_[2], 1}));
    ImGui::EndMenu();
  }
  mark(view, "color-other");
  if (!look_of(view, member.id).color.empty() && item(view, "color-reset", "Colour by its place", nullptr,
                                                      "The palette's colour for this member again."))
    choose("");
}

bool MemberMenu::draw(const View& view) {
  if (opening_) {
    member_ = *opening_;
    opening_.reset();
    ImGui::OpenPopup(popup);
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {em() * 0.6f, em() * 0.5f});
  const bool open = ImGui::BeginPopup(popup);
  ImGui::PopStyleVar();
  if (!open) return false;
  if (widgets::key_pressed(widgets::Key::Escape) && !ImGui::GetIO().WantTextInput) ImGui::CloseCurrentPopup();
  bool renames = false;
  const auto& members = view.snapshot.members;
  const auto found = std::ranges::find(members, member_, &training::MemberView::id);
  if (found == members.end()) {
    ImGui::CloseCurrentPopup();
  } else {
    const training::MemberView& m = *found;
    const bool visible = view.is_visible(m.id), pinned = is_pinned(view, m.id);
    dim_text(view, m.name);
    colors(view, m);
    ImGui::Separator();
    if (item(view, "menu-select", "Select", nullptr, "Its maps and histograms are shown.",
             !view.member || view.member->id != m.id))
      view.ask(SelectMember{m.id});
    renames = item(view, "menu-rename", "Rename", "F2",
                   "Another name, everywhere: in plots, tables and figures. The recorded one is kept.");
    if (item(view, "menu-shown", "Draw its curves", nullptr,
             "A click on the square of its colour does the same.", true, visible))
      toggle_shown(view, m);
    if (item(view, "menu-only", "Draw only this one", "Ctrl + click",
             "Hides all others but the pinned ones. Ctrl and a click on the square does the same."))
      show_only(view, m);
    if (item(view, "menu-pin", "Pin", nullptr,
             "On top of the table, and not hidden with others. The key X compares with it.", true, pinned))
      pin(view, m, !pinned);
    if (item(view, "menu-branch", "Branch from the step shown", "B",
             view.live ? "A new member that goes on from this one's last checkpoint before."
                       : "This is a recording: 'Continue training' makes it a run again.",
             view.live && !is_beside(m.id))) {
      view.ask(SelectMember{m.id});
      view.ask(BranchHere{});
    }
    if (item(view, "menu-branch-with", "Branch with changes …", "Shift + B",
             "Likewise, from a checkpoint of your choice and with other settings.",
             view.live && !is_beside(m.id))) {
      view.ask(SelectMember{m.id});
      view.ask(ShowBranchDialog{});
    }
    ImGui::Separator();
    if (item(view, "menu-remove", "Remove from the view", "Delete",
             members.size() > 1 ? "From every list and plot. The data stay in the file; Ctrl + Z undoes it."
                                : "It is the last one.",
             members.size() > 1))
      remove(view, m);
  }
  ImGui::EndPopup();
  return renames;
}

} // namespace plateau::window
