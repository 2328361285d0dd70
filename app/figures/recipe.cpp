#include "app/figures/recipe.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/figures/catalogue.h"
#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/study.h"
#include "engine/study/utf8.h"

namespace plateau::figures {
namespace fs = std::filesystem;
using study::printable;

namespace {

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw InputError(fmt::format("no such recipe: '{}'", printable(path.string())));
  std::ifstream file(path, std::ios::binary);
  if (!fs::is_regular_file(path, error) || !file.is_open())
    throw InputError(fmt::format("'{}' cannot be read as a file", printable(path.string())));
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

PanelSpec heeded(PanelSpec panel) {
  const unsigned choices = figure(panel.figure).choices;
  const PanelSpec usual;
  const auto keep = [&](Choice choice, auto PanelSpec::*which) {
    if (!(choices & choice)) panel.*which = usual.*which;
  };
  keep(choose_step, &PanelSpec::step);
  keep(choose_smoothing, &PanelSpec::smoothing);
  keep(choose_log_x, &PanelSpec::log_x);
  keep(choose_log_y, &PanelSpec::log_y);
  keep(choose_seed_bands, &PanelSpec::seed_bands);
  keep(choose_events, &PanelSpec::events);
  keep(choose_guides, &PanelSpec::guides);
  keep(choose_legend, &PanelSpec::legend);
  keep(choose_layer, &PanelSpec::layer);
  keep(choose_head, &PanelSpec::head);
  keep(choose_x, &PanelSpec::x);
  keep(choose_y, &PanelSpec::y);
  keep(choose_reference, &PanelSpec::reference);
  return panel;
}

const std::vector<PagePreset>& page_presets() {
  static const std::vector<PagePreset> presets = {
      {"single column", 89, 0, 7}, {"double column", 183, 0, 7}, {"slide", 254, 142.875, 12}};
  return presets;
}

const std::vector<std::string>& theme_names() {
  static const std::vector<std::string> names = {"print", "light", "dark"};
  return names;
}

std::vector<RecipeFile> list_recipes() {
  std::vector<RecipeFile> recipes;
  std::error_code error;
  for (fs::directory_iterator entry(study::assets_folder() / "recipes", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".toml") continue;
    RecipeFile file{entry->path().stem().string(), "", "", entry->path()};
    try {
      const Recipe recipe = parse_recipe(read_file(file.path), file.path.string());
      file.title = recipe.title.empty() ? file.name : recipe.title;
      file.description = recipe.description;
    } catch (const InputError& problem) {
      file.title = fmt::format("cannot be read: {}", problem.what());
    }
    recipes.push_back(std::move(file));
  }
  std::ranges::sort(recipes, {}, &RecipeFile::name);
  return recipes;
}

Recipe load_recipe(const std::string& name_or_path) {
  if (name_or_path.ends_with(".toml") || name_or_path.find('/') != std::string::npos)
    return parse_recipe(read_file(name_or_path), name_or_path);
  std::vector<std::string> names;
  for (const auto& shipped : list_recipes()) {
    if (shipped.name == name_or_path) return parse_recipe(read_file(shipped.path), shipped.path.string());
    names.push_back(shipped.name);
  }
  auto hint = study::did_you_mean(name_or_path, names);
  if (hint.empty())
    hint = fmt::format(": there are {}, or give the path of a .toml file", fmt::join(names, ", "));
  throw InputError(fmt::format("no recipe is called '{}'{}", printable(name_or_path), hint));
}

} // namespace plateau::figures
