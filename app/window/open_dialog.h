// Opening a study or a recording: recent files, folders, a field that filters them or takes a path. All of it
// without a mouse: the keyboard stays with the field, and Tab chooses what Enter does.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/window/file_list.h"
#include "app/window/view.h"

struct ImGuiInputTextCallbackData;

namespace plateau::window {

class OpenDialog {
public:
  explicit OpenDialog(std::filesystem::path recordings) : recordings_(std::move(recordings)) {}
  void open() { opening_ = true; }
  void close() { closing_ = true; }
  bool is_open() const { return is_open_; }
  /// A file that is gone can be taken off `recent`.
  void draw(const View& view, std::vector<std::string>& recent);

private:
  enum Stop { Field, Open, Beside, Up, Start, stop_count }; // where Tab goes

  std::string typed() const { return typed_.data(); }
  std::filesystem::path folder() const { return folder_.value_or(recordings_); }
  void go(std::optional<std::filesystem::path> folder);
  void go_up();
  void refresh(const std::vector<std::string>& recent);
  ListedFile* selected();
  void read_keys(const View& view, std::vector<std::string>& recent);
  void move_stop(bool back);
  bool can_stop(Stop stop);
  void press(const View& view);
  void open_selected(const View& view);
  void open_file(const View& view, const ListedFile& file);
  void add_beside(const View& view, const ListedFile& file);
  void forget(const ListedFile& file, std::vector<std::string>& recent);

  void field(const View& view);
  void places(const View& view);
  void ring(const View& view, Stop stop) const;
  void list(const View& view, std::vector<std::string>& recent);
  bool row(const View& view, int index, const std::string& id, std::vector<std::string>& recent);
  static int edit(ImGuiInputTextCallbackData* data);

  std::filesystem::path recordings_;
  bool opening_ = false, closing_ = false, is_open_ = false;
  std::optional<std::filesystem::path> folder_; // empty: recent files, recordings and studies
  std::array<char, 1024> typed_{};
  bool clear_typed_ = false; // while the field holds its own copy
  Stop stop_ = Field;
  bool space_pressed_ = false;
  int tab_ = 0; // 1: to the next stop, -1: back
  std::string problem_;

  std::vector<ListedFile> files_;
  std::vector<ListedFile*> shown_; // those that match what is typed
  std::optional<std::string> listed_for_;
  int selected_ = 0;
  bool scroll_to_selected_ = false;
  std::filesystem::file_time_type opened_at_;
};

} // namespace plateau::window
