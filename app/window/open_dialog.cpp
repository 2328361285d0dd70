#include "app/window/open_dialog.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace fs = std::filesystem;

namespace {

std::string expanded(const std::string& typed) {
  const char* home = std::getenv("HOME");
  return home && (typed == "~" || typed.starts_with("~/")) ? home + typed.substr(1) : typed;
}

std::string size_text(std::uintmax_t bytes) {
  if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  return fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3);
}

bool can_be_opened(const fs::path& path) {
  return path.extension() == ".plateau" || path.extension() == ".toml";
}

} // namespace

std::vector<std::string> completions(const std::string& typed, std::size_t most) {
  if (typed.empty()) return {};
  const fs::path path = expanded(typed);
  const std::string beginning = path.filename().string();
  std::error_code error;
  std::vector<std::string> found;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(beginning) || (beginning.empty() && name.starts_with("."))) continue;
    std::error_code unreadable;
    if (entry->is_directory(unreadable))
      found.push_back(entry->path().string() + "/");
    else if (can_be_opened(entry->path()))
      found.push_back(entry->path().string());
  }
  std::ranges::sort(found);
  if (found.size() > most) found.resize(most);
  return found;
}

void OpenDialog::list_recordings() {
  std::vector<std::pair<fs::file_time_type, Listed>> found;
  std::error_code error;
  for (fs::directory_iterator entry(recordings_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".plateau") continue;
    std::error_code gone;
    const auto time = entry->last_write_time(gone);
    const auto bytes = entry->file_size(gone);
    if (gone) continue;
    found.push_back({time, {entry->path().string(), entry->path().stem().string(), size_text(bytes)}});
  }
  std::ranges::sort(found, [](const auto& a, const auto& b) { return a.first > b.first; });
  listed_.clear();
  for (auto& [time, listed] : found) listed_.push_back(std::move(listed));
}

void OpenDialog::choose(const View& view, const std::string& path) {
  view.ask(OpenFile{expanded(path)});
  ImGui::CloseCurrentPopup();
}

void OpenDialog::add(const View& view, const std::string& path) {
  view.ask(AddRecording{expanded(path)});
  ImGui::CloseCurrentPopup();
}

void OpenDialog::draw(const View& view, const std::vector<std::string>& recent) {
  if (opening_) {
    opening_ = false;
    focus_ = true;
    list_recordings();
    ImGui::OpenPopup("Open a study or a recording");
  }
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const ImVec2 size = {std::min(window.x * 0.9f, em() * 48), std::min(window.y * 0.85f, em() * 34)};
  ImGui::SetNextWindowSize(size);
  ImGui::SetNextWindowPos({window.x / 2, window.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  bool stays = true;
  is_open_ = ImGui::BeginPopupModal("Open a study or a recording", &stays,
                                    ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings);
  if (!is_open_) return;
  path_field(view);
  lists(view, recent);
  // Escape closes, unless it is the text field's.
  if (widgets::key_pressed(widgets::Key::Escape) && !ImGui::GetIO().WantTextInput) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

void OpenDialog::path_field(const View& view) {
  const float button_width = em() * 6, add_width = em() * 11;
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - button_width - add_width -
                          2 * ImGui::GetStyle().ItemSpacing.x);
  if (focus_) ImGui::SetKeyboardFocusHere();
  focus_ = false;
  const bool entered =
      ImGui::InputTextWithHint("##path", "Path of a .plateau recording or a .toml study", typed_.data(),
                               typed_.size(), ImGuiInputTextFlags_EnterReturnsTrue);
  mark(view, "open-path");
  ImGui::SameLine();
  ImGui::BeginDisabled(typed_[0] == 0);
  const bool pressed = primary_button(view, "open-file", "Open", button_width);
  ImGui::EndDisabled();
  const std::string typed = typed_.data();
  ImGui::SameLine();
  ImGui::BeginDisabled(!typed.ends_with(".plateau"));
  if (button(view, "add-file", "Add to comparison", add_width)) add(view, typed);
  ImGui::EndDisabled();
  widgets::help(view.widgets,
                "The recording's members beside those of the run that is open. In the lists below: "
                "Shift and a click; or drop the file on the window with Shift held.");
  if ((entered || pressed) && !typed.empty()) choose(view, typed);
  if (typed != completed_for_) {
    completed_for_ = typed;
    completions_ = completions(typed, 8);
  }
  for (const std::string& completion : completions_) {
    if (completion == typed) continue;
    if (ImGui::Selectable(completion.c_str(), false, ImGuiSelectableFlags_DontClosePopups)) {
      if (completion.ends_with('/')) {
        typed_.fill(0);
        completion.copy(typed_.data(), typed_.size() - 1);
        focus_ = true;
      } else {
        choose(view, completion);
      }
    }
    mark(view, "completion/" + completion);
  }
}

void OpenDialog::lists(const View& view, const std::vector<std::string>& recent) {
  ImGui::Spacing();
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float gap = em();
  const float half = (space.x - gap) / 2;
  const auto entry = [&](const std::string& id, const std::string& path, const std::string& name,
                         const std::string& detail) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 start = ImGui::GetCursorPos();
    if (ImGui::Selectable(fmt::format("##{}", path).c_str(), false, ImGuiSelectableFlags_DontClosePopups)) {
      if (ImGui::GetIO().KeyShift && path.ends_with(".plateau"))
        add(view, path);
      else
        choose(view, path);
    }
    mark(view, id);
    widgets::help(view.widgets, path);
    const ImVec2 after = ImGui::GetCursorPos();
    ImGui::SetCursorPos(start);
    const float detail_width = detail.empty() ? 0 : ImGui::CalcTextSize(detail.c_str()).x + em() * 0.5f;
    fitted_text(view, name, width - detail_width, view.widgets.theme.text);
    if (!detail.empty()) {
      ImGui::SetCursorPos({start.x + width - detail_width, start.y});
      dim_text(view, detail);
    }
    ImGui::SetCursorPos(after);
  };

  ImGui::BeginChild("recent", {half, space.y});
  section(view, "RECENT");
  if (recent.empty()) dim_text(view, "What you open will be listed here.");
  for (std::size_t i = 0; i < recent.size(); ++i)
    entry(fmt::format("recent-{}", i), recent[i], fs::path(recent[i]).filename().string(), "");
  ImGui::EndChild();
  ImGui::SameLine(0, gap);
  ImGui::BeginChild("recordings", {half, space.y});
  section(view, "RECORDINGS");
  if (listed_.empty())
    wrapped_text(view, "Each run of this window is recorded into " + recordings_.string() + ".",
                 view.widgets.theme.dim_text);
  for (std::size_t i = 0; i < listed_.size(); ++i)
    entry(fmt::format("recording-{}", i), listed_[i].path, listed_[i].name, listed_[i].detail);
  ImGui::EndChild();
}

} // namespace plateau::window
