#include "app/window/copy_as.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <imgui.h>

#include "app/code/code.h"
#include "app/window/elements.h"
#include "app/window/overlay_run.h"
#include "engine/errors.h"

namespace plateau::window {
namespace {

/// The selected member from its first step on; a fork, which the study does not name, with its settings now.
std::optional<code::Subject> selected_subject(const View& view) {
  const auto& study = *view.snapshot.study;
  if (!view.member) return std::nullopt;
  const auto& members = view.recorded ? view.recorded->members : view.snapshot.members;
  const auto member = std::ranges::find(members, view.member->id, &training::MemberView::id);
  if (member == members.end()) return std::nullopt;
  if (is_beside(member->id)) throw InputError(only_compared(view.member->name));
  for (const auto& spec : study.members)
    if (spec.name == member->name) return code::subject(study, spec);
  std::vector<std::string> notes;
  for (const auto& parent : members)
    if (parent.id == member->parent) notes.push_back(code::fork_note(parent.name, member->forked_at));
  return code::Subject{study.name, member->name, member->seed, member->settings, notes};
}

template<class Write> void copy(const View& view, const std::string& what, Write write) {
  try {
    const std::string text = write();
    ImGui::SetClipboardText(text.c_str());
    view.ask(Say{fmt::format("copied {}: {} lines", what, std::ranges::count(text, '\n'))});
  } catch (const std::exception& error) {
    view.ask(Say{error.what()});
  }
}

bool entry(const View& view, const char* label, const char* id, const char* help, bool possible = true) {
  const bool chosen = ImGui::Selectable(label, false, possible ? 0 : ImGuiSelectableFlags_Disabled);
  mark(view, id);
  widgets::help(view.widgets, help);
  return chosen;
}

void draw_entries(const View& view) {
  const auto& study = *view.snapshot.study;
  const auto notes = [&] { return code::notes(study, view.snapshot.interventions); };
  if (entry(view, "TOML", "copy-as/toml",
            "The whole study, every setting: save it as a file and open or run it."))
    copy(view, "the study as TOML", [&] { return code::as_toml(study, notes()); });
  if (entry(view, "Command line", "copy-as/command",
            "For a terminal: trains this study without a window, with what differs from the shipped one."))
    copy(view, "the study as a command line", [&] { return code::as_command(study, notes()); });

  std::string why = "no member yet";
  std::optional<code::Subject> subject;
  try {
    if ((subject = selected_subject(view))) why = code::why_not_pytorch(subject->settings);
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (entry(view, "PyTorch", "copy-as/pytorch",
            "The selected member's model, task and training as a Python script that needs PyTorch alone.",
            why.empty()))
    copy(view, subject->member + " as a PyTorch script", [&] {
      const auto by_hand = notes();
      subject->notes.insert(subject->notes.end(), by_hand.begin(), by_hand.end());
      return code::as_pytorch(*subject);
    });
  if (!why.empty()) dim_text(view, why);
  view.readings["copy-as/why-not-pytorch"] = why;
}

} // namespace

void draw_copy_as(const View& view, float width) {
  if (!view.snapshot.study) return;
  ImGui::SetNextItemWidth(width);
  const bool open = ImGui::BeginCombo("##copy-as", "Copy as …", ImGuiComboFlags_HeightLarge);
  if (!open) {
    mark(view, "copy-as");
    widgets::help(view.widgets,
                  "Puts this study on the clipboard: as TOML, as a command line or as a PyTorch script.");
    return;
  }
  draw_entries(view);
  ImGui::EndCombo();
}

} // namespace plateau::window
