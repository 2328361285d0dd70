// Reading recipes. Every complaint names file, line, key and what is allowed there.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "app/figures/catalogue.h"
#include "app/figures/recipe.h"
#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/utf8.h"

namespace plateau::figures {
namespace {

using Line = toml::source_index;

class Reader {
public:
  Reader(const std::string& toml, const std::string& source) {
    recipe_.source = source;
    try {
      document_ = toml::parse(toml, source);
    } catch (const toml::parse_error& error) {
      fail(error.source().begin.line, std::string(error.description()));
    }
  }
  Recipe read();

private:
  [[noreturn]] void fail(Line line, const std::string& message) const {
    throw InputError(study::printable(fmt::format("{}:{}: {}", recipe_.source, line, message)));
  }
  static Line line_of(const toml::node& node) { return node.source().begin.line; }
  void check_keys(const toml::table& table, const std::vector<std::string>& allowed,
                  const std::string& where) const;

  // Each leaves `value` as it is where `key` is not given.
  void read(const toml::table& table, const char* key, std::string& value, bool multi_line = false) const;
  void read(const toml::table& table, const char* key, bool& value) const;
  void read(const toml::table& table, const char* key, int& value) const;
  void read(const toml::table& table, const char* key, double& value, double low, double high,
            const char* allowed) const;
  void read(const toml::table& table, const char* key, std::optional<widgets::Range>& value) const;
  std::optional<std::vector<std::string>> texts(const toml::table& table, const char* key) const;
  StepChoice step(const toml::node& node) const;
  std::optional<BandEdges> bands(const toml::node& node) const;
  void scale(const toml::table& table, const char* key, const char* log_key,
             std::optional<widgets::ScaleKind>& value) const;

  void page(const toml::table& table);
  void options(const toml::table& table, PanelSpec& panel) const;
  PanelSpec panel(const toml::table& table) const;
  void check_meaning(const toml::table& table, const FigureInfo& info) const;
  std::vector<const toml::table*> tables(const toml::table& of, const char* key, const char* written) const;

  Recipe recipe_;
  toml::table document_;
  PanelSpec defaults_;
};

const std::vector<std::string> option_keys = {
    "members", "step",   "smoothing", "x_scale",    "y_scale", "log_x", "log_y", "events", "remarks",
    "guides",  "legend", "without",   "seed_bands", "layer",   "head",  "x",     "y",      "reference"};

std::vector<std::string> with_options(std::vector<std::string> keys) {
  keys.insert(keys.end(), option_keys.begin(), option_keys.end());
  return keys;
}

void Reader::check_keys(const toml::table& table, const std::vector<std::string>& allowed,
                        const std::string& where) const {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(allowed, key.str()) != allowed.end()) continue;
    auto hint = study::did_you_mean(key.str(), allowed);
    if (hint.empty()) hint = fmt::format("; allowed are {}", fmt::join(allowed, ", "));
    fail(key.source().begin.line, fmt::format("unknown key '{}' in {}{}", key.str(), where, hint));
  }
}

void Reader::read(const toml::table& table, const char* key, std::string& value, bool multi_line) const {
  const auto* node = table.get(key);
  if (!node) return;
  const auto text = node->value_exact<std::string>();
  if (!text) fail(line_of(*node), fmt::format("{}: allowed is text in quotes", key));
  if (!study::is_plain_utf8(*text, multi_line))
    fail(line_of(*node), fmt::format("{}: allowed is text without control characters{}", key,
                                     multi_line ? "" : " and line breaks"));
  value = *text;
}

void Reader::read(const toml::table& table, const char* key, bool& value) const {
  const auto* node = table.get(key);
  if (!node) return;
  const auto truth = node->value_exact<bool>();
  if (!truth) fail(line_of(*node), fmt::format("{}: allowed is true or false", key));
  value = *truth;
}

void Reader::read(const toml::table& table, const char* key, int& value) const {
  const auto* node = table.get(key);
  if (!node) return;
  const auto number = node->value_exact<std::int64_t>();
  if (!number || *number < 0 || *number > 1000)
    fail(line_of(*node), fmt::format("{}: allowed is a whole number from 1, or 0 for all", key));
  value = int(*number);
}

void Reader::read(const toml::table& table, const char* key, double& value, double low, double high,
                  const char* allowed) const {
  const auto* node = table.get(key);
  if (!node) return;
  const auto number = node->value<double>();
  if (!node->is_number() || !number || !(*number >= low && *number <= high))
    fail(line_of(*node), fmt::format("{}: allowed is {}", key, allowed));
  value = *number;
}

void Reader::read(const toml::table& table, const char* key, std::optional<widgets::Range>& value) const {
  const auto* node = table.get(key);
  if (!node) return;
  const auto* list = node->as_array();
  std::vector<double> ends;
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if ((*list)[i].is_number()) ends.push_back(*(*list)[i].value<double>());
  if (!list || list->size() != 2 || ends.size() != 2 || !std::isfinite(ends[0]) || !std::isfinite(ends[1]) ||
      !(ends[0] < ends[1]))
    fail(line_of(*node), fmt::format("{}: allowed are the two ends of the axis, the lower first, for example "
                                     "[0, 1000]",
                                     key));
  value = widgets::Range{ends[0], ends[1]};
}

std::optional<std::vector<std::string>> Reader::texts(const toml::table& table, const char* key) const {
  const auto* node = table.get(key);
  if (!node) return std::nullopt;
  const auto* list = node->as_array();
  std::vector<std::string> result;
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (const auto text = (*list)[i].value_exact<std::string>()) result.push_back(*text);
  if (!list || result.size() != list->size())
    fail(line_of(*node), fmt::format("{}: allowed is a list of texts, for example [\"ViT\", \"CNN\"]", key));
  return result;
}

StepChoice Reader::step(const toml::node& node) const {
  using Kind = training::Event::Kind;
  if (const auto number = node.value_exact<std::int64_t>(); number && *number >= 0) return *number;
  std::vector<std::string> words = {"last"};
  if (const auto text = node.value_exact<std::string>()) {
    if (*text == "last") return RunShare{1};
    double percent = -1;
    const char* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, percent);
    const std::string_view rest(read.ptr, std::size_t(end - read.ptr));
    if (read.ec == std::errc() && (rest == "%" || rest == " %") && percent >= 0 && percent <= 100)
      return RunShare{percent / 100};
    for (const Kind kind : {Kind::PlateauBegin, Kind::PlateauEnd, Kind::EurekaMoment, Kind::Memorisation,
                            Kind::Generalisation, Kind::Divergence, Kind::Intervention}) {
      words.emplace_back(training::to_string(kind));
      if (words.back() == *text) return kind;
    }
    fail(line_of(node),
         fmt::format("step = \"{}\": allowed is a whole number, a part of the run (\"25 %\") or one of {}{}",
                     *text, fmt::join(words, ", "), study::did_you_mean(*text, words)));
  }
  fail(line_of(node), "step: allowed is a whole number from 0, or in quotes a part of the run (\"25 %\"), "
                      "\"last\" or a kind of event (\"eureka-moment\")");
}

// By its name; or, as before there were three, whether it is logarithmic.
void Reader::scale(const toml::table& table, const char* key, const char* log_key,
                   std::optional<widgets::ScaleKind>& value) const {
  bool logarithmic = value == widgets::ScaleKind::Log;
  read(table, log_key, logarithmic);
  if (table.contains(log_key)) {
    if (table.contains(key))
      fail(line_of(*table.get(log_key)), fmt::format("{}: {} says it already, leave it out", log_key, key));
    value = logarithmic ? std::optional(widgets::ScaleKind::Log) : std::nullopt;
  }
  const auto* node = table.get(key);
  if (!node) return;
  const auto name = node->value_exact<std::string>();
  const auto kind = name ? widgets::scale_kind(*name) : std::nullopt;
  if (!kind) fail(line_of(*node), fmt::format("{}: allowed is \"linear\", \"log\" or \"symlog\"", key));
  value = kind;
}

std::optional<BandEdges> Reader::bands(const toml::node& node) const {
  const auto word = node.value_exact<std::string>();
  if (word == "range" || node.value_exact<bool>() == true) return BandEdges::MinMax;
  if (word == "quartiles") return BandEdges::Quartiles;
  if (node.value_exact<bool>() == false) return std::nullopt;
  fail(line_of(node), "seed_bands: allowed is \"range\" (lowest to highest seed), \"quartiles\", or false");
}

void Reader::page(const toml::table& table) {
  check_keys(table, {"size", "width", "height", "theme", "text", "letters"}, "[page]");
  PageSpec& page = recipe_.page;
  if (const auto* node = table.get("size")) {
    std::vector<std::string> names;
    for (const auto& preset : page_presets()) names.emplace_back(preset.name);
    const auto wanted = node->value_exact<std::string>();
    const auto found = wanted ? std::ranges::find(names, *wanted) : names.end();
    if (found == names.end())
      fail(line_of(*node),
           fmt::format("size: allowed is one of \"{}\"; or give width and height in millimetres{}",
                       fmt::join(names, "\", \""), wanted ? study::did_you_mean(*wanted, names) : ""));
    const PagePreset& preset = page_presets()[std::size_t(found - names.begin())];
    page.width_mm = preset.width_mm, page.height_mm = preset.height_mm, page.text_pt = preset.text_pt;
  }
  constexpr const char* side = "millimetres from 20 to 2000";
  read(table, "width", page.width_mm, smallest_page_mm, largest_page_mm, side);
  read(table, "height", page.height_mm, smallest_page_mm, largest_page_mm, side);
  read(table, "text", page.text_pt, smallest_text_pt, largest_text_pt,
       "the size of the small text in points, from 3 to 60");
  read(table, "theme", page.theme);
  if (std::ranges::find(theme_names(), page.theme) == theme_names().end())
    fail(line_of(*table.get("theme")),
         fmt::format("theme = \"{}\": allowed is one of {}{}", page.theme, fmt::join(theme_names(), ", "),
                     study::did_you_mean(page.theme, theme_names())));
  read(table, "letters", page.letters);
}

void Reader::options(const toml::table& table, PanelSpec& panel) const {
  if (auto members = texts(table, "members")) panel.members = std::move(*members);
  if (const auto* node = table.get("step")) panel.step = step(*node);
  read(table, "smoothing", panel.smoothing, 0, 1e12, "a number of steps; 0: not smoothed");
  scale(table, "x_scale", "log_x", panel.x_scale);
  scale(table, "y_scale", "log_y", panel.y_scale);
  if (const auto* node = table.get("seed_bands")) panel.seed_bands = bands(*node);
  read(table, "reference", panel.reference);
  read(table, "events", panel.events);
  read(table, "remarks", panel.remarks);
  read(table, "guides", panel.guides);
  read(table, "legend", panel.legend);
  if (const auto kinds = texts(table, "without")) panel.without = {kinds->begin(), kinds->end()};
  read(table, "layer", panel.layer);
  read(table, "head", panel.head);
  read(table, "x", panel.x);
  read(table, "y", panel.y);
  const auto above_zero = [&](const char* axis, const auto& kind, const auto& range) {
    if (kind == widgets::ScaleKind::Log && range && range->low <= 0)
      fail(line_of(table), fmt::format("{}: with log_{} the axis begins above 0", axis, axis));
  };
  above_zero("x", panel.x_scale, panel.x);
  above_zero("y", panel.y_scale, panel.y);
}

// What a figure does not heed is a mistake, not a wish.
void Reader::check_meaning(const toml::table& table, const FigureInfo& info) const {
  for (const ChoiceName& choice : choice_names())
    if (const auto* node = table.get(choice.key); node && !(info.choices & choice.choice))
      fail(line_of(*node),
           fmt::format("{} changes nothing in the figure '{}': leave it out", choice.key, info.name));
}

PanelSpec Reader::panel(const toml::table& table) const {
  check_keys(table, with_options({"figure", "title", "width"}), "a panel");
  PanelSpec panel = defaults_;
  panel.line = int(line_of(table));
  const auto* name = table.get("figure");
  if (!name) fail(line_of(table), "this panel needs a figure, for example figure = \"loss\"");
  read(table, "figure", panel.figure);
  panel.line = int(line_of(*name));
  const auto all = figures();
  const auto info = std::ranges::find(all, panel.figure, &FigureInfo::name);
  if (info == all.end()) {
    std::vector<std::string> names;
    for (const auto& one : all) names.push_back(one.name);
    fail(line_of(*name), fmt::format("figure = \"{}\": there is none of this name{}; 'plateau list figures' "
                                     "names all",
                                     panel.figure, study::did_you_mean(panel.figure, names)));
  }
  read(table, "title", panel.title);
  read(table, "width", panel.width, 0.01, 100, "a number from 0.01 to 100, relative to the panels beside it");
  options(table, panel);
  check_meaning(table, *info);
  return panel;
}

std::vector<const toml::table*> Reader::tables(const toml::table& of, const char* key,
                                               const char* written) const {
  std::vector<const toml::table*> result;
  const auto* node = of.get(key);
  if (!node) return result;
  const auto* list = node->as_array();
  if (!list) fail(line_of(*node), fmt::format("'{}' must be written as {}", key, written));
  for (const auto& element : *list) {
    if (!element.is_table()) fail(line_of(element), fmt::format("'{}' must be written as {}", key, written));
    result.push_back(element.as_table());
  }
  return result;
}

Recipe Reader::read() {
  check_keys(document_, {"title", "description", "page", "defaults", "row"}, "a recipe");
  read(document_, "title", recipe_.title);
  read(document_, "description", recipe_.description, true);
  for (const char* key : {"page", "defaults"})
    if (const auto* node = document_.get(key); node && !node->is_table())
      fail(line_of(*node), fmt::format("'{}' must be a table: write [{}]", key, key));
  if (const auto* node = document_.get("page")) page(*node->as_table());
  if (const auto* node = document_.get("defaults")) {
    check_keys(*node->as_table(), option_keys, "[defaults]");
    options(*node->as_table(), defaults_);
  }
  for (const auto* table : tables(document_, "row", "[[row]]")) {
    check_keys(*table, {"height", "panel"}, "[[row]]");
    RowSpec row;
    read(*table, "height", row.height, 0.01, 100, "a number from 0.01 to 100, relative to the other rows");
    for (const auto* one : tables(*table, "panel", "[[row.panel]]")) row.panels.push_back(panel(*one));
    if (row.panels.empty()) fail(line_of(*table), "this [[row]] has no panels: add a [[row.panel]]");
    recipe_.rows.push_back(std::move(row));
  }
  if (recipe_.rows.empty()) fail(1, "a recipe needs at least one [[row]] with a [[row.panel]]");
  return recipe_;
}

} // namespace

Recipe parse_recipe(const std::string& toml, const std::string& source) {
  return Reader(toml, source).read();
}

} // namespace plateau::figures
