#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/figures/recipe.h"
#include "engine/study/toml_string.h"

namespace plateau::figures {
namespace {

using study::toml_string;

template<class Texts> std::string list_of(const Texts& texts) {
  std::vector<std::string> all;
  for (const auto& text : texts) all.push_back(toml_string(text));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

std::string range(const widgets::Range& range) {
  return fmt::format("[{}, {}]", range.low, range.high);
}

std::string step_line(const StepChoice& step) {
  if (const auto* number = std::get_if<std::int64_t>(&step)) return fmt::format("step = {}\n", *number);
  if (step == StepChoice(RunShare{1})) return "step = \"last\"\n";
  if (const auto* share = std::get_if<RunShare>(&step))
    return fmt::format("step = \"{:g} %\"\n", share->share * 100);
  if (const auto* kind = std::get_if<training::Event::Kind>(&step))
    return fmt::format("step = \"{}\"\n", training::to_string(*kind));
  return {};
}

std::string panel_text(const PanelSpec& panel) {
  const PanelSpec usual;
  std::string text = "[[row.panel]]\nfigure = " + toml_string(panel.figure) + "\n";
  if (!panel.title.empty()) text += "title = " + toml_string(panel.title) + "\n";
  if (panel.width != usual.width) text += fmt::format("width = {}\n", panel.width);
  if (!panel.members.empty()) text += "members = " + list_of(panel.members) + "\n";
  text += step_line(panel.step);
  if (panel.smoothing >= 0) text += fmt::format("smoothing = {}\n", panel.smoothing);
  const auto flag = [&](const char* key, bool PanelSpec::*which) {
    if (panel.*which != usual.*which) text += fmt::format("{} = {}\n", key, panel.*which);
  };
  if (panel.x_scale) text += fmt::format("x_scale = \"{}\"\n", widgets::to_string(*panel.x_scale));
  if (panel.y_scale) text += fmt::format("y_scale = \"{}\"\n", widgets::to_string(*panel.y_scale));
  if (panel.seed_bands)
    text += fmt::format("seed_bands = \"{}\"\n",
                        *panel.seed_bands == BandEdges::Quartiles ? "quartiles" : "range");
  if (!panel.reference.empty()) text += "reference = " + toml_string(panel.reference) + "\n";
  flag("events", &PanelSpec::events);
  flag("remarks", &PanelSpec::remarks);
  flag("guides", &PanelSpec::guides);
  flag("legend", &PanelSpec::legend);
  if (!panel.without.empty()) text += "without = " + list_of(panel.without) + "\n";
  if (panel.layer > 0) text += fmt::format("layer = {}\n", panel.layer);
  if (panel.head > 0) text += fmt::format("head = {}\n", panel.head);
  if (panel.x) text += "x = " + range(*panel.x) + "\n";
  if (panel.y) text += "y = " + range(*panel.y) + "\n";
  return text;
}

} // namespace

std::string to_toml(const Recipe& recipe) {
  std::string text;
  if (!recipe.title.empty()) text += "title = " + toml_string(recipe.title) + "\n";
  if (!recipe.description.empty()) text += "description = " + toml_string(recipe.description) + "\n";
  const PageSpec& page = recipe.page;
  text += fmt::format("{}[page]\nwidth = {} # mm\n", text.empty() ? "" : "\n", page.width_mm);
  if (page.height_mm > 0) text += fmt::format("height = {}\n", page.height_mm);
  text += fmt::format("theme = {}\ntext = {} # pt\n", toml_string(page.theme), page.text_pt);
  if (!page.letters) text += "letters = false\n";
  for (const RowSpec& row : recipe.rows) {
    text += "\n[[row]]\n";
    if (row.height > 0) text += fmt::format("height = {}\n", row.height);
    for (const PanelSpec& panel : row.panels) text += "\n" + panel_text(panel);
  }
  return text;
}

} // namespace plateau::figures
