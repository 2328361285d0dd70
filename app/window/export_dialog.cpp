#include "app/window/export_dialog.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <imgui.h>

#include "app/figures/recipe_command.h"
#include "app/shell_word.h"
#include "app/window/elements.h"
#include "app/window/folders.h"
#include "app/window/overlay_run.h"
#include "engine/errors.h"
#include "engine/recording/fresh_file.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace fs = std::filesystem;

namespace {

constexpr const char* title = "Export a figure";
const std::vector<std::string> types = {"PDF", "SVG", "PNG"};
const std::vector<std::string> suffixes = {".pdf", ".svg", ".png"};

fs::path with_suffix(fs::path path, const char* suffix) {
  return path.replace_extension(suffix);
}

std::string home_shortened(const fs::path& path) {
  const char* home = std::getenv("HOME");
  const std::string text = path.string();
  return home && *home && text.starts_with(std::string(home) + "/")
             ? "~" + text.substr(std::string(home).size())
             : text;
}

std::string names_of(const std::vector<fs::path>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.filename().string());
  return fmt::format("{}", fmt::join(names, " and "));
}

} // namespace

void ExportDialog::open(figures::PanelSpec panel) {
  recipe_ = {};
  recipe_.page.letters = false;
  recipe_.rows = {{0, {std::move(panel)}}};
  row_ = panel_ = 0;
  opening_ = true;
}

void ExportDialog::list_available(const View& view) {
  available_.clear();
  const figures::PlotOptions all;
  for (const auto& info : figures::figures())
    if (!view.snapshot.members.empty() && info.missing(view.snapshot, all).empty())
      available_.push_back(info.name);
  if (std::ranges::find(available_, panel().figure) == available_.end() && !available_.empty())
    panel().figure = std::ranges::find(available_, "loss") != available_.end() ? "loss" : available_.front();
}

figures::Recipe ExportDialog::recipe() const {
  auto recipe = recipe_; // what other figures heed is kept in case one goes back to them
  for (auto& row : recipe.rows)
    for (auto& each : row.panels) each = figures::heeded(each);
  return recipe;
}

void ExportDialog::begin(const View& view) {
  list_available(view);
  smoothing_ = panel().smoothing < 0 ? Automatic : panel().smoothing == 0 ? None : Chosen;
  if (smoothing_ == Chosen && view.last_step > 0)
    smoothing_share_ =
        float(std::sqrt(std::clamp(panel().smoothing / (0.1 * double(view.last_step)), 0.0, 1.0)));
  // All members are named by naming none, so that the recipe serves other runs as well.
  if (view.visible_members().size() < view.snapshot.members.size())
    for (const auto& member : view.snapshot.members)
      if (view.is_visible(member.id)) panel().members.push_back(member.name);
  if (!view.following) panel().step = view.step;
  recipe_.page.theme = figures::theme_names()[std::size_t(theme_)];
  choose_size(size_);
  named_.clear();
  path_.fill(0);
  name_file(view);
  status_.clear();
  asked_about_.clear();
}

void ExportDialog::choose_size(int size) {
  size_ = size;
  auto& page = recipe_.page;
  if (size == Free) {
    const auto now = figures::page_size(recipe_);
    page.width_mm = now.width, page.height_mm = now.height;
    return;
  }
  const auto& preset = figures::page_presets()[std::size_t(size)];
  page.width_mm = preset.width_mm, page.height_mm = preset.height_mm, page.text_pt = preset.text_pt;
}

void ExportDialog::choose_figure(const std::string& name) {
  panel().figure = name;
  if (size_ != Free) choose_size(size_);
}

void ExportDialog::set_path(const fs::path& path) {
  path_.fill(0);
  const std::string text = path.string();
  text.copy(path_.data(), path_.size() - 1);
}

void ExportDialog::name_file(const View& view) {
  if (!named_.empty() && named_ != path_.data()) return; // the person's own
  const std::string run = view.snapshot.recording.empty()
                              ? (view.snapshot.study ? view.snapshot.study->name : "run")
                              : fs::path(view.snapshot.recording).stem().string();
  const std::string stem = run + "-" + (several_panels() ? "figure" : panel().figure);
  set_path(free_path(folder_, stem, suffixes[std::size_t(type_)]));
  named_ = path_.data();
}

void ExportDialog::choose_type(int type) {
  type_ = type;
  asked_about_.clear();
  const bool own = named_ != path_.data();
  set_path(with_suffix(path(), suffixes[std::size_t(type)].c_str()));
  if (!own) named_ = path_.data();
}

std::optional<figures::Page> ExportDialog::page_of(const View& view) {
  problem_.clear();
  if (available_.empty()) {
    problem_ = "nothing is recorded yet that could be drawn";
    return std::nullopt;
  }
  for (const auto& row : recipe_.rows)
    for (const auto& each : row.panels)
      for (const auto& [range, scale] : {std::pair{each.x, each.x_scale}, std::pair{each.y, each.y_scale}}) {
        if (range && !(range->low < range->high))
          problem_ = fmt::format("an axis from {:g} to {:g} has no length", range->low, range->high);
        else if (range && scale == widgets::ScaleKind::Log && range->low <= 0)
          problem_ = fmt::format("a logarithmic axis begins above 0, not at {:g}", range->low);
        if (!problem_.empty()) return std::nullopt;
      }
  bool reading = false;
  std::optional<figures::Page> page;
  try {
    using SnapshotPtr = std::shared_ptr<const training::Snapshot>;
    const auto borrowed = [](const training::Snapshot* snapshot) {
      return SnapshotPtr(std::shared_ptr<void>(), snapshot);
    };
    const auto frame_at = [&](int member, std::int64_t step) {
      auto frame = view.frame_at(member, step);
      reading = reading || view.is_reading(member, step);
      return frame;
    };
    page = figures::make_page(
        recipe(), {borrowed(&view.snapshot), borrowed(view.recorded), view.annotations, frame_at});
  } catch (const InputError& error) {
    problem_ = error.what();
  }
  if (!reading) return page;
  problem_ = "the arrays of this step are being read"; // nothing else may be taken for them
  return std::nullopt;
}

void ExportDialog::draw(const View& view) {
  if (opening_) {
    opening_ = false;
    begin(view);
    ImGui::OpenPopup(title);
  }
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  ImGui::SetNextWindowSize({std::min(window.x * 0.94f, em() * 92), std::min(window.y * 0.92f, em() * 56)});
  ImGui::SetNextWindowPos({window.x / 2, window.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  bool stays = true;
  is_open_ = ImGui::BeginPopupModal(
      title, &stays, ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  if (!is_open_) return;
  if (available_.empty()) list_available(view); // a run that has only begun
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float foot = ImGui::GetFrameHeightWithSpacing() * 2 + em() * 0.4f;
  const float left = std::min(em() * 25, space.x * 0.45f), height = space.y - foot;
  ImGui::BeginChild("export-controls", {left, height});
  controls(view);
  ImGui::EndChild();
  ImGui::SameLine(0, em() * 0.8f);
  const auto page = page_of(view); // after the controls: what they changed is seen at once
  ImGui::BeginChild("export-preview", {ImGui::GetContentRegionAvail().x, height}, false,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  preview(view, page ? &*page : nullptr);
  ImGui::EndChild();
  buttons(view, page ? &*page : nullptr);
  view.readings["export-figure"] = panel().figure;
  view.readings["export-file"] = path_.data();
  view.readings["export-status"] = status_;
  view.readings["export-problem"] = problem_;
  if (widgets::key_pressed(widgets::Key::Escape) && !ImGui::GetIO().WantTextInput) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

void ExportDialog::file_controls(const View& view) {
  section(view, "FILE");
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  const std::string before = path_.data();
  path_entered_ =
      ImGui::InputText("##export-path", path_.data(), path_.size(), ImGuiInputTextFlags_EnterReturnsTrue);
  if (before != path_.data()) asked_about_.clear();
  mark(view, "export-path");
  widgets::help(view.widgets, path_.data());
  if (!ImGui::IsItemActive())
    for (std::size_t i = 0; i < suffixes.size(); ++i)
      if (path().extension() == suffixes[i]) type_ = int(i);
  int type = type_;
  if (segmented(view, "export-type", types, type)) choose_type(type);
  ImGui::SameLine(0, em());
  checkbox(view, "export-numbers", "numbers as CSV", with_numbers_);
  widgets::help(view.widgets,
                "Writes every point and cell that is drawn into a .csv file beside the figure: plot, "
                "series, x, y, z.");
}

void ExportDialog::preview(const View& view, const figures::Page* page) {
  const ImVec2 low = ImGui::GetCursorScreenPos(), space = ImGui::GetContentRegionAvail();
  ImDrawList* list = ImGui::GetWindowDrawList();
  const auto& theme = view.widgets.theme;
  list->AddRectFilled(low, {low.x + space.x, low.y + space.y}, widgets::to_u32(theme.background),
                      em() * 0.4f);
  if (!page) {
    ImGui::BeginChild("export-nothing", space);
    empty_state(view, "Nothing to draw", problem_);
    ImGui::EndChild();
    return;
  }
  const float caption = em() * 2, edge = em();
  // Not so large that letters blur.
  const float natural = 96 / 25.4f * view.widgets.scale; // pixels per millimetre as on a screen of 96 dpi
  const float fit = std::min({1.6f * natural, (space.x - 2 * edge) / page->size_mm.width,
                              (space.y - 2 * edge - caption) / page->size_mm.height});
  if (fit <= 0) return;
  const widgets::Size size{page->size_mm.width * fit, page->size_mm.height * fit};
  const widgets::Rect sheet{std::round(low.x + (space.x - size.width) / 2),
                            std::round(low.y + edge + (space.y - 2 * edge - caption - size.height) / 2),
                            size.width, size.height};
  // A soft shadow lifts the sheet off the desk.
  for (int i = 4; i > 0; --i) {
    const float by = float(i) * em() * 0.12f;
    list->AddRectFilled({sheet.x - by, sheet.y - by + em() * 0.1f},
                        {sheet.right() + by, sheet.bottom() + by + em() * 0.1f},
                        widgets::to_u32(widgets::Color{0, 0, 0, theme.dark ? 0.12f : 0.04f}), by);
  }
  widgets::ImGuiCanvas canvas(*list, view.widgets.fonts, view.widgets.textures);
  figures::draw_page(canvas, *page, sheet, fit / widgets::points_per_mm);
  ImGui::SetCursorScreenPos({sheet.x, sheet.y});
  ImGui::Dummy({sheet.width, sheet.height});
  mark(view, "export-sheet");
  const std::string about =
      fmt::format("{:g} × {:g} mm, shown at {:.0f} %", std::round(page->size_mm.width * 10) / 10,
                  std::round(page->size_mm.height * 10) / 10, 100 * fit / natural);
  const float width = ImGui::CalcTextSize(about.c_str()).x;
  ImGui::SetCursorScreenPos({low.x + (space.x - width) / 2, low.y + space.y - caption});
  dim_text(view, about);
}

template<class Write> void ExportDialog::save(const std::vector<fs::path>& files, Write write) {
  std::vector<fs::path> existing;
  std::error_code ignored;
  for (const auto& file : files)
    if (fs::exists(file, ignored)) existing.push_back(file);
  if (!existing.empty() && asked_about_ != existing) {
    asked_about_ = existing;
    status_good_ = false;
    status_ = fmt::format("{} exist{} already: press again to replace, or choose another name",
                          names_of(existing), existing.size() == 1 ? "s" : "");
    return;
  }
  asked_about_.clear();
  try {
    fs::create_directories(files.front().parent_path(), ignored);
    write();
    status_good_ = true;
    status_ = "Saved " + home_shortened(files.front()) + (files.size() > 1 ? " and its numbers" : "");
    folder_ = files.front().parent_path();
  } catch (const std::exception& error) {
    status_good_ = false;
    status_ = error.what();
  }
}

bool ExportDialog::shows_beside(const View& view) const {
  const auto shows = [&](const figures::PanelSpec& panel) {
    const auto& chosen = panel.members;
    return std::ranges::any_of(view.snapshot.members, [&](const training::MemberView& m) {
      return is_beside(m.id) &&
             (chosen.empty() ? view.is_visible(m.id) : std::ranges::find(chosen, m.name) != chosen.end());
    });
  };
  return std::ranges::any_of(recipe_.rows,
                             [&](const auto& row) { return std::ranges::any_of(row.panels, shows); });
}

void ExportDialog::buttons(const View& view, const figures::Page* page) {
  ImGui::Dummy({0, em() * 0.1f});
  const auto& theme = view.widgets.theme;
  fitted_text(view, status_, ImGui::GetContentRegionAvail().x, status_good_ ? theme.good : theme.warning);
  mark(view, "export-status");
  const fs::path file = path();
  const std::vector<std::string> known = suffixes;
  const bool right_suffix = std::ranges::find(known, file.extension().string()) != known.end();
  ImGui::BeginDisabled(!page || !right_suffix || !file.has_stem());
  std::vector<fs::path> files = {file};
  if (with_numbers_) files.push_back(with_suffix(file, ".csv"));
  const bool replaces = !asked_about_.empty() && asked_about_.front() != with_suffix(file, ".toml");
  const bool pressed = primary_button(view, "export-save", replaces ? "Replace" : "Save", em() * 8);
  ImGui::EndDisabled();
  widgets::help(view.widgets, {.title = "Save",
                               .text = "Writes the figure. Its metadata say where it came from.",
                               .formula = {},
                               .source = {},
                               .shortcut = "Enter"});
  // In a field of numbers Enter ends the typing.
  const bool enter =
      path_entered_ || (widgets::key_pressed(widgets::Key::Enter) && !ImGui::GetIO().WantTextInput);
  if (pressed || (enter && page && right_suffix))
    save(files, [&] {
      for (const auto& each : files) figures::write_page(*page, each.string());
    });
  ImGui::SameLine();
  const fs::path recipe_file = with_suffix(file, ".toml");
  // Recipes and command lines know one recording.
  const bool one_recording = !shows_beside(view);
  ImGui::BeginDisabled(!page || !file.has_stem() || !one_recording);
  const char* why_not =
      "Not for members of a recording beside this run: a recipe and a command line draw one "
      "recording. Leave them out at the left.";
  if (button(view, "export-recipe", !asked_about_.empty() && !replaces ? "Replace recipe" : "Save recipe"))
    save({recipe_file}, [&] { recording::write_fresh_file(recipe_file, figures::to_toml(recipe())); });
  widgets::help(view.widgets,
                !one_recording
                    ? why_not
                    : "Writes a .toml file from which the command line makes this figure of any recording: "
                      "plateau figure RECORDING --recipe FILE. Several panels may be put together in it.");
  ImGui::SameLine();
  if (button(view, "export-copy", "Copy command line")) {
    const std::string recording =
        view.snapshot.recording.empty() ? std::string("RECORDING") : view.snapshot.recording;
    auto line = figures::command_of(recipe(), recording, file.string());
    std::error_code ignored;
    const bool needs_recipe = !line; // more than options can say
    if (needs_recipe)
      line = fmt::format("plateau figure {} --recipe {} --out {}", app::shell_word(recording),
                         app::shell_word(recipe_file.string()), app::shell_word(file.string()));
    ImGui::SetClipboardText(line->c_str());
    view.readings["export-command"] = *line;
    status_good_ = !needs_recipe || fs::exists(recipe_file, ignored);
    status_ = status_good_ ? "Copied: " + *line : "Copied; save the recipe, too: the command reads it";
  }
  widgets::help(view.widgets,
                one_recording ? "Puts the command that makes this figure onto the clipboard." : why_not);
  ImGui::EndDisabled();
  const float close = em() * 6;
  ImGui::SameLine(ImGui::GetContentRegionMax().x - close);
  if (button(view, "export-close", "Close", close)) ImGui::CloseCurrentPopup();
}

} // namespace plateau::window
