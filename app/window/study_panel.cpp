#include "app/window/study_panel.h"

#include <filesystem>

#include <imgui.h>

#include "app/window/copy_as.h"
#include "app/window/elements.h"

namespace plateau::window {

void StudyPanel::draw(const View& view) {
  section(view, "STUDY");
  if (!studies_) {
    studies_.emplace();
    try {
      *studies_ = study::list_studies();
    } catch (const std::exception& error) {
      problem_ = error.what();
    }
  }
  const study::Study* current = view.snapshot.study.get();
  std::vector<std::string> names;
  int selected = -1;
  for (const auto& file : *studies_) {
    if (current && file.name == current->name) selected = static_cast<int>(names.size());
    names.push_back(file.name);
  }
  if (selected < 0 && current) { // a study from elsewhere
    selected = static_cast<int>(names.size());
    names.push_back(current->name);
  }
  const auto chosen = combo(view, "study", names, selected, ImGui::GetContentRegionAvail().x);
  widgets::help(view.widgets,
                "A shipped study: choosing one starts its training in a new recording. Studies of "
                "your own and recordings open with Ctrl + O.");
  if (chosen && *chosen < std::ssize(*studies_))
    view.ask(OpenStudy{(*studies_)[static_cast<std::size_t>(*chosen)].path.string()});
  if (!problem_.empty()) wrapped_text(view, problem_, view.widgets.theme.error);

  const widgets::Theme& theme = view.widgets.theme;
  const float width = ImGui::GetContentRegionAvail().x;
  if (const auto& task = view.snapshot.task) {
    fitted_text(view, task->title, width, theme.text);
    // Which data and indicators are in use is told in full on hovering.
    fitted_text(view, task->data, width, theme.dim_text);
    mark(view, "task-data");
  }
  draw_copy_as(view, width);
  if (view.snapshot.recording.empty()) return;
  const std::string name = std::filesystem::path(view.snapshot.recording).filename().string();
  fitted_text(view, (view.live ? "records to " : "replays ") + name, width, theme.dim_text);
  mark(view, "recording");
  view.readings["recording"] = view.snapshot.recording;
  widgets::help(view.widgets, view.snapshot.recording);
}

} // namespace plateau::window
