#include "app/figures/recipe.h"

#include <fmt/format.h>

#include "app/figures/catalogue.h"
#include "engine/errors.h"
#include "engine/study/shipped_files.h"

namespace plateau::figures {
namespace {

const study::DocumentKind recipes = {"recipe", "recipes"};

} // namespace

PanelSpec heeded(PanelSpec panel) {
  const unsigned choices = figure(panel.figure).choices;
  const PanelSpec usual;
  const auto keep = [&](Choice choice, auto PanelSpec::*which) {
    if (!(choices & choice)) panel.*which = usual.*which;
  };
  keep(choose_step, &PanelSpec::step);
  keep(choose_smoothing, &PanelSpec::smoothing);
  keep(choose_log_x, &PanelSpec::x_scale);
  keep(choose_log_y, &PanelSpec::y_scale);
  keep(choose_seed_bands, &PanelSpec::seed_bands);
  keep(choose_events, &PanelSpec::events);
  keep(choose_remarks, &PanelSpec::remarks);
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
  std::vector<RecipeFile> list;
  for (const auto& path : study::shipped_files(recipes)) {
    RecipeFile file{path.stem().string(), "", "", path};
    try {
      const Recipe recipe = load_recipe(path.string());
      file.title = recipe.title.empty() ? file.name : recipe.title;
      file.description = recipe.description;
    } catch (const InputError& problem) {
      file.title =
          fmt::format("cannot be read: {}", problem.what()); // one broken file must not hide the others
    }
    list.push_back(std::move(file));
  }
  return list;
}

Recipe load_recipe(const std::string& name_or_path) {
  const auto path = study::find_document(recipes, name_or_path);
  return parse_recipe(study::read_document(recipes, path), path.string());
}

} // namespace plateau::figures
