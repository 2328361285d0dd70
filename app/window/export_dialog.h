// Exporting a figure: what it shows, its page and its file, with a preview that is drawn by the same code.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/figures/compose.h"
#include "app/window/folders.h"
#include "app/window/view.h"

namespace plateau::window {

class ExportDialog {
public:
  explicit ExportDialog(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// Begins with this figure as it stands on the screen; one that has nothing to show gives way to one that
  /// has.
  void open(figures::PanelSpec panel);
  bool is_open() const { return is_open_; }
  void draw(const View& view);

private:
  enum Size { SingleColumn, DoubleColumn, Slide, Free };
  enum Smoothing { Automatic, None, Chosen };

  void begin(const View& view);
  void list_available(const View& view);
  figures::Recipe recipe() const; // as it is written and drawn
  void choose_size(int size);
  void choose_figure(const std::string& name);
  void choose_type(int type);
  void add_panel(bool below); // a copy of the chosen one, below or beside it
  void remove_panel();
  bool several_panels() const { return recipe_.rows.size() > 1 || recipe_.rows.front().panels.size() > 1; }
  /// What is drawn in this frame; empty with the reason in problem_.
  std::optional<figures::Page> page_of(const View& view);

  void controls(const View& view);
  void panel_controls(const View& view);
  void step_control(const View& view);
  void part_controls(const View& view); // layer and head
  void range_control(const View& view, const std::string& id, const std::string& label,
                     std::optional<widgets::Range>& range, widgets::Range proposed);
  void figure_controls(const View& view);
  void page_controls(const View& view);
  void member_controls(const View& view);
  void file_controls(const View& view);
  void preview(const View& view, const figures::Page* page);
  void buttons(const View& view, const figures::Page* page);

  std::filesystem::path path() const { return expanded(path_.data(), folder_); }
  void set_path(const std::filesystem::path& path);
  void name_file(const View& view);
  bool shows_beside(const View& view) const; // members of a recording beside the run
  /// Writes with `write` what `files` names; asks first where some exist.
  template<class Write> void save(const std::vector<std::filesystem::path>& files, Write write);

  // The chosen one.
  figures::PanelSpec& panel() { return recipe_.rows[row_].panels[panel_]; }
  const figures::PanelSpec& panel() const { return recipe_.rows[row_].panels[panel_]; }

  std::filesystem::path folder_;    // where the next file goes
  figures::Recipe recipe_;          // with at least one panel
  std::size_t row_ = 0, panel_ = 0; // of the chosen one
  int size_ = DoubleColumn, theme_ = 0, type_ = 0, smoothing_ = Automatic;
  float smoothing_share_ = 0.3f;       // as in the panel of the curves: squared, of a tenth of the run
  bool path_entered_ = false;          // by Enter, in this frame
  bool with_numbers_ = false;          // the CSV beside the figure
  std::vector<std::string> available_; // figures that have something to show
  std::array<char, 1024> path_{};
  std::string named_; // the name that was proposed; another one is the person's and stays

  std::string problem_; // why there is nothing to draw
  std::string status_;
  bool status_good_ = true;
  std::vector<std::filesystem::path> asked_about_; // files that exist, whose replacement was asked about
  bool opening_ = false, is_open_ = false;
};

} // namespace plateau::window
