// Opening a study or a recording: a path with completion, recent files, the recordings folder.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "app/window/view.h"

namespace plateau::window {

/// Existing folders and openable files (.plateau, .toml) that begin with what was typed; "~" is the home
/// folder.
std::vector<std::string> completions(const std::string& typed, std::size_t most);

class OpenDialog {
public:
  explicit OpenDialog(std::filesystem::path recordings) : recordings_(std::move(recordings)) {}
  void open() { opening_ = true; }
  bool is_open() const { return is_open_; }
  void draw(const View& view, const std::vector<std::string>& recent);

private:
  struct Listed {
    std::string path, name, detail;
  };
  void list_recordings();
  void choose(const View& view, const std::string& path);
  void add(const View& view, const std::string& path);
  void path_field(const View& view);
  void lists(const View& view, const std::vector<std::string>& recent);

  std::filesystem::path recordings_;
  bool opening_ = false, is_open_ = false, focus_ = false;
  std::array<char, 1024> typed_{};
  std::string completed_for_; // what completions_ belong to
  std::vector<std::string> completions_;
  std::vector<Listed> listed_;
};

} // namespace plateau::window
