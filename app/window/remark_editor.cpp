#include "app/window/remark_editor.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/overlay_run.h"
#include "app/window/text.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

constexpr const char* popup = "Remark";

} // namespace

void delete_remark(const View& view, const recording::Remark& remark) {
  auto next = view.annotations;
  const auto found = std::ranges::find(next.remarks, remark);
  if (found == next.remarks.end()) return;
  next.remarks.erase(found);
  view.ask(Annotate{std::move(next), "delete remark"});
}

void RemarkEditor::begin(const View& view) {
  edited_ = *std::exchange(opening_, std::nullopt);
  text_.fill(0);
  edited_.remark.text.copy(text_.data(), text_.size() - 1);
  member_ = edited_.remark.member;
  selected_ = member_ >= 0 ? member_ : view.member && !is_beside(view.member->id) ? view.member->id : -1;
  focus_ = true;
  ImGui::OpenPopup(popup);
}

void RemarkEditor::whose(const View& view) {
  const auto& members = view.snapshot.members;
  const auto of = std::ranges::find(members, selected_, &training::MemberView::id);
  if (members.size() < 2 || of == members.end()) return;
  ImGui::AlignTextToFramePadding();
  dim_text(view, "about");
  ImGui::SameLine(0, em() * 0.5f);
  const std::vector<std::string> names = {"the whole run", of->name};
  int chosen = member_ >= 0;
  if (segmented(view, "remark-about", names, chosen)) member_ = chosen ? selected_ : -1;
  widgets::help(view.widgets, "Of one member it is shown where that member's curves are.");
}

void RemarkEditor::save(const View& view) const {
  auto next = view.annotations;
  const recording::Remark now{edited_.remark.step, member_, trimmed(text_.data())};
  if (!edited_.is_new)
    if (const auto old = std::ranges::find(next.remarks, edited_.remark); old != next.remarks.end())
      next.remarks.erase(old);
  next.remarks.insert(std::ranges::upper_bound(next.remarks, now.step, {}, &recording::Remark::step), now);
  view.ask(Annotate{std::move(next), edited_.is_new ? "add remark" : "change remark"});
}

void RemarkEditor::draw(const View& view) {
  if (opening_) begin(view);
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImGui::SetNextWindowPos({window.x / 2, window.y * 0.4f}, ImGuiCond_Always, {0.5f, 0.5f});
  is_open_ = ImGui::BeginPopupModal(popup, nullptr,
                                    ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings);
  if (!is_open_) return;
  dim_text(view, fmt::format("At step {}", widgets::format_step(static_cast<double>(edited_.remark.step))));
  if (std::exchange(focus_, false)) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(em() * 26);
  const bool entered = ImGui::InputTextWithHint("##text", "What is to be seen here", text_.data(),
                                                text_.size(), ImGuiInputTextFlags_EnterReturnsTrue);
  mark(view, "remark-text");
  whose(view);
  ImGui::Spacing();
  const bool written = !trimmed(text_.data()).empty();
  ImGui::BeginDisabled(!written);
  const bool saves = primary_button(view, "remark-save", "Save", em() * 6) || entered;
  ImGui::EndDisabled();
  widgets::help(view.widgets, "Kept in the recording; Ctrl + Z takes it back.");
  if (saves && written) {
    save(view);
    ImGui::CloseCurrentPopup();
  }
  ImGui::SameLine();
  if (button(view, "remark-cancel", "Cancel", em() * 6) || widgets::key_pressed(widgets::Key::Escape))
    ImGui::CloseCurrentPopup();
  if (!edited_.is_new) {
    ImGui::SameLine();
    if (button(view, "remark-delete", "Delete", em() * 6)) {
      delete_remark(view, edited_.remark);
      ImGui::CloseCurrentPopup();
    }
  }
  ImGui::EndPopup();
}

} // namespace plateau::window
