#include "app/window/branch_dialog.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/going_back.h"
#include "engine/errors.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
using study::Field;
using training::MemberView;

namespace {

constexpr const char* title = "Branch with changes";

std::string shown(std::int64_t step) {
  return widgets::format_step(static_cast<double>(step));
}

/// May a branch begin with another value of it?
bool can_change(const Field& field, const MemberView& member) {
  return field.live && field.per_member && field.applies(member.settings);
}

std::string full_label(const Field& field) {
  const std::string group = group_of(field);
  return group == field.label ? group : group + " · " + field.label;
}

} // namespace

bool BranchDialog::begin(const View& view) {
  const std::int64_t step = wanted_.value_or(view.step);
  if (const auto why = branch_obstacle(view.snapshot, view.live, view.member, step); !why.empty()) {
    view.ask(Say{why});
    return false;
  }
  run_ = view.run;
  member_ = view.member->id;
  step_ = *checkpoint_before(view.member->checkpoints, step);
  name_.fill(0);
  changes_.clear();
  return true;
}

void BranchDialog::draw(const View& view) {
  if (opening_) {
    opening_ = false;
    if (begin(view)) ImGui::OpenPopup(title);
  }
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImGui::SetNextWindowSize({std::min(window.x * 0.9f, em() * 42), std::min(window.y * 0.85f, em() * 26)});
  ImGui::SetNextWindowPos({window.x / 2, window.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  bool stays = true;
  is_open_ = ImGui::BeginPopupModal(
      title, &stays, ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  if (!is_open_) return;
  const auto& members = view.snapshot.members;
  const auto member = std::ranges::find(members, member_, &MemberView::id);
  if (view.run != run_ || member == members.end()) {
    ImGui::CloseCurrentPopup(); // another run was opened
  } else {
    origin(view, *member);
    const float foot = ImGui::GetFrameHeightWithSpacing() + ImGui::GetTextLineHeightWithSpacing();
    ImGui::BeginChild("branch-changes", {0, ImGui::GetContentRegionAvail().y - foot});
    changes(view, *member);
    ImGui::EndChild();
    buttons(view, *member);
  }
  // Escape closes, unless it is the text field's.
  if (widgets::key_pressed(widgets::Key::Escape) && !ImGui::GetIO().WantTextInput) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

void BranchDialog::origin(const View& view, const MemberView& member) {
  const float label = em() * 6.5f;
  const auto row = [&](const char* text) {
    const float left = ImGui::GetCursorPosX();
    ImGui::AlignTextToFramePadding();
    dim_text(view, text);
    ImGui::SameLine(left + label);
  };
  row("From");
  // Those before and after the playhead are near each other in the list.
  std::vector<std::string> steps;
  for (const std::int64_t step : member.checkpoints)
    steps.push_back(fmt::format("checkpoint of step {}", shown(step)));
  const auto at = std::ranges::find(member.checkpoints, step_) - member.checkpoints.begin();
  if (const auto chosen = combo(view, "branch-step", steps, static_cast<int>(at), em() * 16))
    step_ = member.checkpoints[static_cast<std::size_t>(*chosen)];
  widgets::help(view.widgets,
                "The steps at which everything of this member is kept: weights, optimizer state, "
                "position in the data. More of them: Training, checkpoint every.");
  ImGui::SameLine();
  fitted_text(view,
              view.following ? "of " + member.name
                             : fmt::format("of {} · the window shows step {}", member.name, shown(view.step)),
              ImGui::GetContentRegionAvail().x, view.widgets.theme.dim_text);
  row("Name");
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  ImGui::InputTextWithHint("##name", fmt::format("{} · from {}", member.name, step_).c_str(), name_.data(),
                           name_.size());
  mark(view, "branch-name");
  widgets::help(view.widgets, "Of the new member. Left empty, it is named after the one it goes on from.");
  view.readings["branch-step"] = std::to_string(step_);
}

void BranchDialog::changes(const View& view, const MemberView& member) {
  section(view, "WHAT DIFFERS FROM THERE ON");
  std::vector<const Field*> fields;
  for (const Field& field : study::fields())
    if (can_change(field, member)) fields.push_back(&field);
  const auto is_taken = [&](const Field* field) {
    return std::ranges::find(changes_, field->name, &study::Assignment::field) != changes_.end();
  };
  if (changes_.empty())
    dim_text(view, "Nothing yet: a copy with the settings that were in force there.");

  std::optional<std::size_t> removed;
  const float side = ImGui::GetFrameHeight(), gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ImGui::GetContentRegionAvail().x - side - 2 * gap) / 2;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    study::Assignment& change = changes_[i];
    ImGui::PushID(static_cast<int>(i));
    // One row for each field.
    std::vector<const Field*> offered;
    std::vector<std::string> names;
    int selected = 0;
    for (const Field* field : fields) {
      if (field->name != change.field && is_taken(field)) continue;
      if (field->name == change.field) selected = static_cast<int>(names.size());
      offered.push_back(field);
      names.push_back(full_label(*field));
    }
    if (const auto chosen = combo(view, fmt::format("branch-field-{}", i), names, selected, half)) {
      const Field& field = *offered[static_cast<std::size_t>(*chosen)];
      change = {field.name, field.get(member.settings)};
    }
    widgets::help(view.widgets, "Everything that may change in mid-run.");
    ImGui::SameLine();
    const Field& field = study::field(change.field);
    if (auto value = editor_.draw_control(view, field, change.value, half)) change.value = *value;
    field_help(view, field, member.settings, run_numbers(member, view.snapshot.task.get(), step_));
    ImGui::SameLine();
    if (widgets::icon_button(view.widgets, fmt::format("branch-remove-{}", i), widgets::Icon::Close))
      removed = i;
    mark(view, fmt::format("branch-remove-{}", i));
    widgets::help(view.widgets, "Leave this as it was.");
    ImGui::PopID();
  }
  if (removed) changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(*removed));

  const auto next = std::ranges::find_if_not(fields, is_taken);
  ImGui::BeginDisabled(next == fields.end());
  if (button(view, "branch-add", "Add a change"))
    changes_.push_back({(*next)->name, (*next)->get(member.settings)});
  ImGui::EndDisabled();
  widgets::help(view.widgets, "Another setting in which the branch differs from its original.");
}

std::string BranchDialog::problem(const View& view, const MemberView& member) const {
  if (auto why = branch_obstacle(view.snapshot, view.live, &member, step_); !why.empty()) return why;
  if (!std::ranges::binary_search(member.checkpoints, step_))
    return fmt::format("the checkpoint of step {} has made room for newer ones; choose another",
                       shown(step_));
  try {
    study::Settings settings = member.settings;
    for (const auto& change : changes_) study::set(settings, change);
    study::validate(settings);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

void BranchDialog::buttons(const View& view, const MemberView& member) {
  const std::string why = problem(view, member);
  fitted_text(view, why, ImGui::GetContentRegionAvail().x, view.widgets.theme.error);
  view.readings["branch-problem"] = why;
  ImGui::BeginDisabled(!why.empty());
  if (primary_button(view, "branch-start", fmt::format("Branch from step {}", shown(step_)))) {
    view.ask(BranchWith{member_, step_, changes_, name_.data()});
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndDisabled();
  widgets::help(view.widgets, "A new member goes on from there beside the others, and is selected.");
  ImGui::SameLine();
  if (button(view, "branch-cancel", "Cancel")) ImGui::CloseCurrentPopup();
  widgets::help(view.widgets, {.title = "Close", .text = {}, .formula = {}, .source = {}, .shortcut = "Esc"});
}

} // namespace plateau::window
