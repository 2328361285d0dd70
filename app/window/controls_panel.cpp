#include "app/window/controls_panel.h"
#include "app/size_on_disk.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/decay_unit.h"
#include "app/window/elements.h"
#include "app/window/going_back.h"
#include "app/window/tab_parts.h"
#include "app/window/text.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
using study::Field;

namespace {

const std::map<std::string, std::string> group_titles = {
    {"task", "Task"},         {"model", "Model"},       {"optimizer", "Optimizer"},
    {"training", "Training"}, {"strategy", "Strategy"}, {"probes", "Probes"},
};

} // namespace

void ControlsPanel::draw(const View& view) {
  if (!view.member) {
    wrapped_text(view, "The settings appear when the run is prepared.", view.widgets.theme.dim_text);
    return;
  }
  if (view.run != run_ || view.member->id != member_) {
    run_ = view.run;
    member_ = view.member->id;
    sent_.clear();
    draft_.clear();
  }
  if (view.snapshot.members.size() > 1) {
    static const std::vector<std::string> scopes = {"all members", "this member"};
    int scope = all_members_ ? 0 : 1;
    ImGui::AlignTextToFramePadding();
    dim_text(view, "Change");
    ImGui::SameLine();
    if (segmented(view, "scope", scopes, scope)) all_members_ = scope == 0;
    widgets::help(view.widgets,
                  "Whether a change made here goes to every member that is training, or only to "
                  "the selected one.");
  }
  ImGui::SetNextItemWidth(-1);
  ImGui::InputTextWithHint("##search", "Find a setting", search_.data(), search_.size());
  mark(view, "search");
  restart_bar(view);
  for (const char* name : {"optimizer", "training", "strategy", "probes", "model", "task"}) group(view, name);
}

bool ControlsPanel::matches_search(const Field& field) const {
  const std::string wanted = lower(search_.data());
  return wanted.empty() || lower(field.label).find(wanted) != std::string::npos ||
         field.name.find(wanted) != std::string::npos;
}

void ControlsPanel::group(const View& view, const std::string& name) {
  const auto is_shown = [&](const Field& field) {
    return group_of(field) == name && field.applies(view.member->settings) && matches_search(field);
  };
  if (std::ranges::none_of(study::fields(), is_shown)) return;
  const bool searching = search_[0] != 0;
  if (searching)
    ImGui::SetNextItemOpen(true);
  else
    ImGui::SetNextItemOpen(name == "optimizer" ||
                               (name == "strategy" && learns_in_context(view.member->settings)),
                           ImGuiCond_Once);
  const bool open = ImGui::CollapsingHeader(fmt::format("{}##group", group_titles.at(name)).c_str());
  mark(view, "group-" + name);
  if (!open) return;
  ImGui::PushID(name.c_str());
  for (const Field& field : study::fields())
    if (is_shown(field)) row(view, field);
  if (name == "training") checkpoint_cost(view);
  ImGui::PopID();
  ImGui::Spacing();
}

void ControlsPanel::checkpoint_cost(const View& view) {
  const std::string kept = app::kept_text(view.snapshot.kept);
  if (kept.empty()) return;
  fitted_text(view, "kept now: " + kept, ImGui::GetContentRegionAvail().x, view.widgets.theme.dim_text);
  mark(view, "checkpoint-cost");
  widgets::help(view.widgets, policy_text(view.snapshot));
}

bool ControlsPanel::can_edit(const View& view, const Field& field) const {
  // What needs a restart is edited as a draft for the next run, from a replay as well.
  if (!field.live) return view.snapshot.study != nullptr;
  return view.live && training::can_intervene(view.snapshot.state) && view.following;
}

void ControlsPanel::row(const View& view, const Field& field) {
  const study::Value current = field.get(view.member->settings);
  const auto drafted = draft_.find(field.name);
  const study::Value shown = drafted != draft_.end() ? drafted->second : sent_.shown(field.name, current);
  ImGui::BeginDisabled(!can_edit(view, field));
  const auto chosen = editor_.draw(view, field, shown, draft_.contains(field.name));
  ImGui::EndDisabled();
  field_help(view, field, view.member->settings,
             run_numbers(*view.member, view.snapshot.task.get(), view.step));
  if (!chosen || *chosen == shown) return;
  if (!field.live) {
    if (*chosen == current)
      draft_.erase(field.name);
    else
      draft_[field.name] = *chosen;
    return;
  }
  if (field.name == decay_unit) return change_decay_unit(view, std::get<std::string>(*chosen));
  study::Intervention change;
  change.kind = study::Intervention::Kind::Set;
  if (!all_members_ && field.per_member) change.member = view.member->name;
  change.changes = {{field.name, *chosen}};
  view.ask(Post{training::Intervene{change}});
  sent_.add(field.name, *chosen);
}

void ControlsPanel::change_decay_unit(const View& view, const std::string& unit) {
  for (auto& change : decay_unit_changes(view.snapshot, all_members_ ? nullptr : view.member, unit))
    view.ask(Post{training::Intervene{std::move(change)}});
  sent_.add(decay_unit, unit);
  sent_.add("optimizer.weight_decay", converted_decay(*view.member, unit));
}

void ControlsPanel::restart_bar(const View& view) {
  if (draft_.empty()) return;
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) * 0.68f;
  const std::string label = fmt::format("Apply and restart ({})", draft_.size());
  if (primary_button(view, "apply-and-restart", label, half)) {
    RestartWith request;
    for (const auto& [name, value] : draft_) request.changes.push_back({name, value});
    // A fork is no member of the study: its changes go to all.
    if (!all_members_ && view.member->parent < 0) request.member = view.member->name;
    view.ask(request);
  }
  widgets::help(view.widgets, "These settings decide the shape of the run, so a new one begins with them at "
                              "step 0, in a new recording.");
  ImGui::SameLine();
  if (button(view, "discard-changes", "Discard", -1)) draft_.clear();
}

} // namespace plateau::window
