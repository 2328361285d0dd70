// A recipe says what a figure of a recording is made of: a page and rows of panels. It is a TOML document, so
// that a paper's figure is one command, and what the export dialog edits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "app/figures/options.h"

namespace plateau::figures {

/// A part of the run's length, 0 to 1.
struct RunShare {
  double share = 1;
  bool operator==(const RunShare&) const = default;
};
/// Which step a panel shows: not chosen, which is the latest, or in a row of pictures each in turn; one by
/// its number; at a part of the run, all of it being the last step; or that of the first event of a kind
/// among the panel's members.
using StepChoice = std::variant<std::monostate, std::int64_t, RunShare, training::Event::Kind>;

/// A figure of the catalogue and what is chosen about it; as PlotOptions, with names for members and steps.
struct PanelSpec {
  std::string figure;
  std::string title;                // above; "": what the figure itself says
  double width = 1;                 // relative to the panels beside it
  std::vector<std::string> members; // names, ids, or "ViT" for all its seeds; empty: all
  StepChoice step;
  double smoothing = -1;                              // steps; negative: chosen by length
  std::optional<widgets::ScaleKind> x_scale, y_scale; // empty: as the figure has it by nature
  std::optional<BandEdges> seed_bands;                // empty: each seed alone
  bool events = true, remarks = true, guides = true, legend = true;
  std::string reference;         // what differences are taken from; "": the first member
  std::set<std::string> without; // kinds of curves that are left out
  int layer = 0, head = 0;       // 1-based; 0: all
  std::optional<widgets::Range> x, y;
  int line = 0; // in the recipe's file, for messages; 0: it has none
  bool operator==(const PanelSpec&) const = default;
};

/// Without what its figure does not heed.
PanelSpec heeded(PanelSpec panel);

struct RowSpec {
  double height = 0; // relative to the other rows; 0: as its figures have it by nature
  std::vector<PanelSpec> panels;
  bool operator==(const RowSpec&) const = default;
};

struct PageSpec {
  double width_mm = 183;
  double height_mm = 0;        // 0: as the rows need it
  std::string theme = "print"; // print, light, dark
  double text_pt = 7;          // of tick labels; other text goes with it
  bool letters = true;         // a, b, c at the panels, where there are several
  bool operator==(const PageSpec&) const = default;
};

struct Recipe {
  std::string source; // its file, for messages; "" when it was made by hand
  std::string title, description;
  PageSpec page;
  std::vector<RowSpec> rows;
};

/// Widths that journals and slides have.
struct PagePreset {
  const char* name;
  double width_mm, height_mm; // 0: as the rows need it
  double text_pt;
};
const std::vector<PagePreset>& page_presets();

inline constexpr double smallest_page_mm = 20, largest_page_mm = 2000;
inline constexpr double smallest_text_pt = 3, largest_text_pt = 60;
const std::vector<std::string>& theme_names();

/// Errors name `source`, line, key and what is allowed. Throws InputError.
Recipe parse_recipe(const std::string& toml, const std::string& source);
std::string to_toml(const Recipe& recipe);

/// By path or by the name of a shipped one (assets/recipes). Throws InputError with the nearest names.
Recipe load_recipe(const std::string& name_or_path);

struct RecipeFile {
  std::string name, title, description;
  std::filesystem::path path;
};
/// The shipped recipes, by name; one that cannot be read has the reason for a title.
std::vector<RecipeFile> list_recipes();

} // namespace plateau::figures
