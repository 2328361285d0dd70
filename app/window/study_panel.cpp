#include "app/window/study_panel.h"

#include <filesystem>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/axis.h"

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
  if (view.snapshot.task) {
    wrapped_text(view, view.snapshot.task->title, theme.text);
    wrapped_text(view, view.snapshot.task->data, theme.dim_text);
  }
  if (view.member)
    dim_text(view, fmt::format("{} parameters",
                               widgets::format_step(static_cast<double>(view.member->parameters))));
  if (!view.snapshot.recording.empty()) {
    const std::string name = std::filesystem::path(view.snapshot.recording).filename().string();
    fitted_text(view, (view.live ? "records to " : "replays ") + name, ImGui::GetContentRegionAvail().x,
                theme.dim_text);
    mark(view, "recording");
    view.readings["recording"] = view.snapshot.recording;
    widgets::help(view.widgets, view.snapshot.recording);
  }
}

} // namespace plateau::window
