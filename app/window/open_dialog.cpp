#include "app/window/open_dialog.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/size_on_disk.h"
#include "app/window/elements.h"
#include "app/window/folders.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace fs = std::filesystem;
using Kind = ListedFile::Kind;
using widgets::Key;
using widgets::key_pressed;

namespace {

constexpr const char* title = "Open a study or a recording";
// Tab is the dialog's own: ImGui's would only go from text field to text field.
constexpr ImGuiWindowFlags own_keys = ImGuiWindowFlags_NoNavInputs;

} // namespace

// --- what is listed

void OpenDialog::go(std::optional<fs::path> folder) {
  folder_ = std::move(folder);
  typed_.fill(0);
  clear_typed_ = true;
  listed_for_.reset();
  problem_.clear();
  stop_ = Field;
}

void OpenDialog::go_up() {
  // Above the list at the start is the folder whose recordings it holds.
  const fs::path now = typed().find('/') == std::string::npos ? folder() : place_of(typed(), folder()).folder;
  fs::path here = now.lexically_normal();
  if (!here.has_filename()) here = here.parent_path(); // "runs/"
  go(folder_ || now != recordings_ ? here.parent_path() : recordings_);
}

void OpenDialog::refresh(const std::vector<std::string>& recent) {
  const std::string now = typed();
  if (listed_for_ == now) return;
  const auto place_before = listed_for_ ? std::optional(place_of(*listed_for_, folder())) : std::nullopt;
  const TypedPlace place = place_of(now, folder());
  if (!place_before || place_before->folder != place.folder || place_before->is_path != place.is_path) {
    files_ = place.is_path || folder_ ? list_folder(place.folder) : list_start(recent, recordings_);
  }
  listed_for_ = now;
  shown_.clear();
  std::vector<const ListedFile*> candidates;
  for (ListedFile& file : files_)
    if (matches(file, place.filter)) shown_.push_back(&file), candidates.push_back(&file);
  selected_ = place.filter.empty() ? (shown_.empty() ? -1 : 0) : best_match(candidates, place.filter);
  scroll_to_selected_ = true;
}

ListedFile* OpenDialog::selected() {
  return selected_ >= 0 && selected_ < std::ssize(shown_) ? shown_[static_cast<std::size_t>(selected_)]
                                                          : nullptr;
}

// --- what is done with it

void OpenDialog::open_file(const View& view, const ListedFile& file) {
  problem_.clear();
  if (file.missing) {
    problem_ = file.path.string() + " is no longer there: Delete takes it off the list.";
  } else if (file.kind == Kind::Folder) {
    go(file.path);
  } else {
    view.ask(OpenFile{file.path});
    ImGui::CloseCurrentPopup();
  }
}

void OpenDialog::open_selected(const View& view) {
  if (const ListedFile* file = selected()) return open_file(view, *file);
  const fs::path path = expanded(typed(), folder());
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    go(path);
  } else if (fs::exists(path, ignored)) { // a recording under another suffix
    view.ask(OpenFile{path});
    ImGui::CloseCurrentPopup();
  } else if (typed()[0] != 0) {
    problem_ = fmt::format("There is no recording, study or folder {}.", path.string());
  }
}

void OpenDialog::add_beside(const View& view, const ListedFile& file) {
  view.ask(AddRecording{file.path});
  ImGui::CloseCurrentPopup();
}

void OpenDialog::forget(const ListedFile& file, std::vector<std::string>& recent) {
  if (file.section != "RECENT") return;
  std::erase(recent, file.path.string());
  const int stays = selected_;
  listed_for_.reset();
  problem_.clear();
  refresh(recent);
  selected_ = std::min(stays, static_cast<int>(shown_.size()) - 1);
}

// --- the keyboard

bool OpenDialog::can_stop(Stop stop) {
  const ListedFile* file = selected();
  if (stop == Beside) return file && file->kind == Kind::Recording && !file->missing;
  return stop != Start || folder_ || typed().find('/') != std::string::npos;
}

void OpenDialog::move_stop(bool back) {
  do stop_ = static_cast<Stop>((stop_ + (back ? stop_count - 1 : 1)) % stop_count);
  while (!can_stop(stop_));
}

void OpenDialog::press(const View& view) {
  if (stop_ == Beside)
    add_beside(view, *selected());
  else if (stop_ == Up)
    go_up();
  else if (stop_ == Start)
    go(std::nullopt);
  else
    open_selected(view);
}

void OpenDialog::read_keys(const View& view, std::vector<std::string>& recent) {
  const ImGuiIO& io = ImGui::GetIO();
  const int last = static_cast<int>(shown_.size()) - 1;
  constexpr int page = 10;
  const auto move = [&](int by) {
    if (last < 0) return;
    selected_ = std::clamp(selected_ + by, 0, last);
    scroll_to_selected_ = true;
    problem_.clear();
    if (!can_stop(stop_)) stop_ = Field;
  };
  if (io.KeyAlt) {
    if (key_pressed(Key::Up)) go_up();
    return;
  }
  if (key_pressed(Key::Down, true)) move(1);
  if (key_pressed(Key::Up, true)) move(-1);
  if (key_pressed(Key::PageDown, true)) move(page);
  if (key_pressed(Key::PageUp, true)) move(-page);
  if (typed_[0] == 0 && key_pressed(Key::Backspace)) go_up();
  if (const ListedFile* file = selected(); file && typed_[0] == 0 && key_pressed(Key::Delete))
    forget(*file, recent);
  if (const int tab = std::exchange(tab_, 0)) move_stop(tab < 0);
  if (std::exchange(space_pressed_, false)) press(view);
  if (key_pressed(Key::Escape)) ImGui::CloseCurrentPopup();
}

/// What only ImGui may change while the field is being typed in.
int OpenDialog::edit(ImGuiInputTextCallbackData* data) {
  auto& self = *static_cast<OpenDialog*>(data->UserData);
  if (data->EventFlag == ImGuiInputTextFlags_CallbackCharFilter) {
    if (self.stop_ == Field) return 0;
    if (data->EventChar == ' ') return self.space_pressed_ = true, 1; // presses the button
    self.stop_ = Field;
  } else if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion) {
    const std::string now = data->Buf;
    const bool path = now == "~" || now.find('/') != std::string::npos;
    const bool back = ImGui::GetIO().KeyShift;
    const std::string whole = path && !back ? completed(now, self.folder()) : now;
    if (whole == now || self.stop_ != Field)
      self.tab_ = back ? -1 : 1;
    else
      data->InsertChars(data->BufTextLen, whole.c_str() + now.size());
  } else if (std::exchange(self.clear_typed_, false)) {
    data->DeleteChars(0, data->BufTextLen);
  }
  return 0;
}

// --- what is drawn

void OpenDialog::draw(const View& view, std::vector<std::string>& recent) {
  if (opening_) {
    opening_ = closing_ = false;
    opened_at_ = fs::file_time_type::clock::now();
    go(std::nullopt);
    clear_typed_ = false;
    ImGui::OpenPopup(title);
  }
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const ImVec2 size = {std::min(window.x * 0.9f, em() * 56), std::min(window.y * 0.85f, em() * 36)};
  ImGui::SetNextWindowSize(size);
  ImGui::SetNextWindowPos({window.x / 2, window.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  bool stays = true;
  is_open_ = ImGui::BeginPopupModal(title, &stays,
                                    ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings | own_keys);
  if (!is_open_) return;
  // Before the field takes its keys: Backspace means another thing when there is nothing left to delete.
  read_keys(view, recent);
  field(view);
  refresh(recent);
  places(view);
  list(view, recent);
  if (std::exchange(closing_, false)) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

void OpenDialog::ring(const View& view, Stop stop) const {
  if (stop_ != stop) return;
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  ImGui::GetWindowDrawList()->AddRect({low.x - 2, low.y - 2}, {high.x + 2, high.y + 2},
                                      widgets::to_u32(view.widgets.theme.text),
                                      ImGui::GetStyle().FrameRounding + 2, 0, 1.5f);
}

void OpenDialog::field(const View& view) {
  const float button_width = em() * 6, add_width = em() * 11;
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - button_width - add_width -
                          2 * ImGui::GetStyle().ItemSpacing.x);
  if (!ImGui::IsAnyItemActive()) ImGui::SetKeyboardFocusHere();
  const bool entered = ImGui::InputTextWithHint(
      "##path", "Type to find a file, or a path: ~/runs/eureka.plateau", typed_.data(), typed_.size(),
      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackCompletion |
          ImGuiInputTextFlags_CallbackCharFilter | ImGuiInputTextFlags_CallbackAlways,
      edit, this);
  mark(view, "open-path");
  if (!ImGui::IsItemActive()) clear_typed_ = false; // it has no copy of its own
  ImGui::SameLine();
  const bool pressed = primary_button(view, "open-file", "Open", button_width);
  ring(view, Open);
  ImGui::SameLine();
  ImGui::BeginDisabled(!can_stop(Beside));
  if (button(view, "add-file", "Add to comparison", add_width)) add_beside(view, *selected());
  ImGui::EndDisabled();
  ring(view, Beside);
  widgets::help(view.widgets, "The recording's members beside those of the run that is open. In the list: "
                              "Shift and a click.");
  if (entered)
    press(view);
  else if (pressed)
    open_selected(view);
}

void OpenDialog::places(const View& view) {
  if (button(view, "open-up", "Up")) go_up();
  ring(view, Up);
  widgets::help(view.widgets, {.title = "The folder above",
                               .text = {},
                               .formula = {},
                               .source = {},
                               .shortcut = "Backspace, Alt + Up"});
  ImGui::SameLine();
  ImGui::BeginDisabled(!can_stop(Start));
  if (button(view, "open-start", "Recent")) go(std::nullopt);
  ImGui::EndDisabled();
  ring(view, Start);
  widgets::help(view.widgets, "Recent files, your recordings and the shipped studies.");
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  const TypedPlace place = place_of(typed(), folder());
  const bool start = !folder_ && !place.is_path;
  fitted_text(view, start ? "Recent files, recordings, studies" : place.folder.string(),
              ImGui::GetContentRegionAvail().x, view.widgets.theme.dim_text);
  view.readings["open-folder"] = start ? "" : place.folder.string();
  view.readings["open-problem"] = problem_;
  if (!problem_.empty()) {
    wrapped_text(view, problem_, view.widgets.theme.error);
    mark(view, "open-problem");
  }
}

void OpenDialog::list(const View& view, std::vector<std::string>& recent) {
  const float hints = ImGui::GetTextLineHeightWithSpacing();
  ImGui::BeginChild("files", {0, -hints}, false, own_keys);
  if (shown_.empty())
    wrapped_text(view,
                 files_.empty() ? "No recording, study or folder is here."
                                : "Nothing here is called so. Enter takes what is typed for a path.",
                 view.widgets.theme.dim_text);
  std::map<std::string, int> count;
  std::string section_now;
  ListedFile* const chosen = selected();
  view.readings["open-selected"] = chosen ? chosen->path.string() : "";
  for (int i = 0; i < std::ssize(shown_); ++i) {
    const ListedFile& file = *shown_[static_cast<std::size_t>(i)];
    if (file.section != section_now) section(view, section_now = file.section);
    const char* kind = file.section == "RECENT"       ? "recent"
                       : file.section == "RECORDINGS" ? "recording"
                       : file.section == "STUDIES"    ? "study"
                                                      : "file";
    if (row(view, i, fmt::format("{}-{}", kind, count[kind]++), recent)) break; // the list is another one now
  }
  scroll_to_selected_ = false;
  ImGui::EndChild();
  const ListedFile* file = selected();
  dim_text(view, fmt::format(
                     "Up, Down: choose    Enter: open    Tab: {}    Backspace: folder above    {}Esc: close",
                     typed().find('/') != std::string::npos ? "complete, next button" : "next button",
                     file && file->section == "RECENT" ? "Delete: off the list    " : ""));
}

bool OpenDialog::row(const View& view, int index, const std::string& id, std::vector<std::string>& recent) {
  ListedFile& file = *shown_[static_cast<std::size_t>(index)];
  const widgets::Theme& theme = view.widgets.theme;
  const float width = ImGui::GetContentRegionAvail().x, end = em() * 1.6f;
  const ImVec2 start = ImGui::GetCursorPos();
  const bool clicked = ImGui::Selectable(fmt::format("##{}", id).c_str(), index == selected_,
                                         ImGuiSelectableFlags_DontClosePopups, {width - end, 0});
  mark(view, id);
  const bool in_sight = ImGui::IsItemVisible();
  if (index == selected_ && scroll_to_selected_ && !in_sight) ImGui::SetScrollHereY(0.5f);
  const ImVec2 after = ImGui::GetCursorPos();
  if (in_sight) {
    read_study(file);
    widgets::help(view.widgets, file.path.string());
    const widgets::Color color = file.missing ? mix(theme.panel, theme.dim_text, 0.7f) : theme.text;
    float x = start.x + em() * 0.3f;
    const auto column = [&](std::string_view text, float share, widgets::Color tint) {
      ImGui::SetCursorPos({x, start.y});
      const float room = (width - end) * share;
      fitted_text(view, text, room - em() * 0.8f, tint);
      x += room;
    };
    column(file.kind == Kind::Folder ? file.name + "/" : file.name, 0.4f, color);
    const char* type = file.kind == Kind::Recording ? "recording"
                       : file.kind == Kind::Study   ? "study"
                                                    : "folder";
    column(type, 0.11f, theme.dim_text);
    column(file.missing ? "no longer there" : file.study.value_or(""), 0.25f,
           file.missing ? color : theme.dim_text);
    column(file.changed ? date_text(*file.changed, opened_at_) : "", 0.14f, theme.dim_text);
    column(file.missing || file.kind == Kind::Folder ? ""
                                                     : app::bytes_text(static_cast<std::int64_t>(file.bytes)),
           0.1f, theme.dim_text);
  }
  bool other_list = false;
  if (in_sight && file.section == "RECENT" && (file.missing || index == selected_)) {
    ImGui::SetCursorPos({start.x + width - end, start.y});
    if (ImGui::SmallButton(fmt::format("x##forget-{}", id).c_str())) forget(file, recent), other_list = true;
    mark(view, "forget-" + id);
    widgets::help(view.widgets, "Off the list of recent files. The file itself stays.");
  }
  ImGui::SetCursorPos(after);
  if (clicked && !other_list) {
    selected_ = index;
    if (ImGui::GetIO().KeyShift && file.kind == Kind::Recording && !file.missing)
      add_beside(view, file);
    else
      open_file(view, file);
    other_list = !listed_for_;
  }
  return other_list;
}

} // namespace plateau::window
