#include "app/commands/figure.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/commands/figure_frames.h"
#include "app/commands/output_path.h"
#include "app/figures/compose.h"
#include "app/figures/looks.h"
#include "engine/errors.h"
#include "engine/recording/annotations.h"
#include "engine/recording/reader.h"
#include "engine/study/fields.h"

namespace plateau::commands {
namespace {

constexpr float smallest_mm = 20, largest_mm = 2000;

widgets::Size parse_size(const std::string& text) {
  const auto wrong = [&] {
    return InputError(
        fmt::format("--size {}: want WIDTHxHEIGHT in millimetres, {:.0f} to {:.0f} each, for example 140x80",
                    text, smallest_mm, largest_mm));
  };
  widgets::Size size;
  const char* end = text.data() + text.size();
  const auto width = std::from_chars(text.data(), end, size.width);
  if (width.ec != std::errc() || width.ptr == end || *width.ptr != 'x') throw wrong();
  const auto height = std::from_chars(width.ptr + 1, end, size.height);
  if (height.ec != std::errc() || height.ptr != end) throw wrong();
  for (const float side : {size.width, size.height})
    if (!(side >= smallest_mm && side <= largest_mm)) throw wrong();
  return size;
}

void check_theme(const std::string& name) {
  if (std::ranges::find(figures::theme_names(), name) == figures::theme_names().end())
    throw InputError(fmt::format("--theme {}: want print, light or dark", name));
}

figures::BandEdges parse_edges(const std::string& name) {
  if (name == "range") return figures::BandEdges::MinMax;
  if (name == "quartiles") return figures::BandEdges::Quartiles;
  throw InputError(fmt::format("--seed-bands={}: want range (lowest to highest seed) or quartiles", name));
}

std::optional<widgets::ScaleKind> parse_scale(const char* axis, const std::string& name, bool logarithmic) {
  if (name.empty()) return logarithmic ? std::optional(widgets::ScaleKind::Log) : std::nullopt;
  if (logarithmic) throw InputError(fmt::format("--log-{} and --{}-scale: give one of the two", axis, axis));
  const auto kind = widgets::scale_kind(name);
  if (!kind) throw InputError(fmt::format("--{}-scale {}: want linear, log or symlog", axis, name));
  return kind;
}

figures::PanelSpec panel_of(const FigureArguments& arguments, const std::string& figure) {
  figures::PanelSpec panel;
  panel.figure = figure;
  panel.members = arguments.members;
  if (arguments.step) panel.step = *arguments.step;
  panel.smoothing = arguments.smoothing;
  panel.x_scale = parse_scale("x", arguments.x_scale, arguments.log_x);
  panel.y_scale = parse_scale("y", arguments.y_scale, arguments.log_y);
  if (!arguments.seed_bands.empty()) panel.seed_bands = parse_edges(arguments.seed_bands);
  panel.reference = arguments.reference;
  panel.events = !arguments.no_events, panel.remarks = !arguments.no_remarks;
  panel.guides = !arguments.no_guides;
  panel.legend = !arguments.no_legend;
  panel.layer = arguments.layer, panel.head = arguments.head;
  return panel;
}

/// The options that say something about figures, as they were given.
std::vector<std::pair<figures::Choice, const char*>> chosen_options(const FigureArguments& arguments) {
  using namespace figures;
  std::vector<std::pair<Choice, const char*>> chosen;
  const auto add = [&](bool given, Choice choice, const char* option) {
    if (given) chosen.emplace_back(choice, option);
  };
  add(arguments.step.has_value(), choose_step, "--step");
  add(arguments.smoothing >= 0, choose_smoothing, "--smoothing");
  add(arguments.log_x, choose_log_x, "--log-x");
  add(!arguments.x_scale.empty(), choose_log_x, "--x-scale");
  add(arguments.log_y, choose_log_y, "--log-y");
  add(!arguments.y_scale.empty(), choose_log_y, "--y-scale");
  add(!arguments.seed_bands.empty(), choose_seed_bands, "--seed-bands");
  add(!arguments.reference.empty(), choose_reference, "--reference");
  add(arguments.no_events, choose_events, "--no-events");
  add(arguments.no_remarks, choose_remarks, "--no-remarks");
  add(arguments.no_guides, choose_guides, "--no-guides");
  add(arguments.no_legend, choose_legend, "--no-legend");
  add(arguments.layer != 0, choose_layer, "--layer");
  add(arguments.head != 0, choose_head, "--head");
  return chosen;
}

/// An option that changes none of the figures is a mistake, not a wish.
void check_heeded(const FigureArguments& arguments) {
  unsigned heeded = 0;
  for (const auto& name : arguments.figures) heeded |= figures::figure(name).choices;
  for (const auto& [choice, option] : chosen_options(arguments))
    if (!(heeded & choice))
      throw InputError(fmt::format("{} changes nothing in the figure{} {}: leave it out", option,
                                   arguments.figures.size() == 1 ? "" : "s",
                                   fmt::join(arguments.figures, ", ")));
}

void set_page(figures::PageSpec& page, const FigureArguments& arguments) {
  if (!arguments.size.empty()) {
    const auto size = parse_size(arguments.size);
    page.width_mm = size.width, page.height_mm = size.height;
  }
  if (!arguments.theme.empty()) {
    check_theme(arguments.theme);
    page.theme = arguments.theme;
  }
  if (arguments.text &&
      !(*arguments.text >= figures::smallest_text_pt && *arguments.text <= figures::largest_text_pt))
    throw InputError(fmt::format("--text {}: want a size in points, {} to {}", *arguments.text,
                                 figures::smallest_text_pt, figures::largest_text_pt));
  page.text_pt = arguments.text.value_or(page.text_pt);
}

struct Job {
  std::string name; // for the file
  figures::Recipe recipe;
};

std::vector<Job> jobs_of(const FigureArguments& arguments) {
  std::vector<Job> jobs;
  for (const auto& name : arguments.figures) {
    const auto& info = figures::figure(name);
    if (std::ranges::count(arguments.figures, name) > 1)
      throw InputError(fmt::format("figure '{}' is named twice", name));
    Job job{name, {}};
    job.recipe.page.width_mm = info.size_mm.width, job.recipe.page.height_mm = info.size_mm.height;
    job.recipe.rows = {{0, {figures::heeded(panel_of(arguments, name))}}};
    jobs.push_back(std::move(job));
  }
  if (!jobs.empty()) check_heeded(arguments);
  if (!arguments.recipe.empty()) {
    if (!jobs.empty() || !chosen_options(arguments).empty())
      throw InputError("--recipe: it names its figures and what is chosen about them; beside it stand only "
                       "--member, --size, --theme, --text, --out, --force and a range of steps");
    Job job{std::filesystem::path(arguments.recipe).stem().string(), figures::load_recipe(arguments.recipe)};
    for (auto& row : job.recipe.rows)
      for (auto& panel : row.panels)
        if (panel.members.empty()) panel.members = arguments.members;
    jobs.push_back(std::move(job));
  }
  for (auto& job : jobs) set_page(job.recipe.page, arguments);
  return jobs;
}

std::string output_path(const FigureArguments& arguments, const std::string& name) {
  if (arguments.out.empty())
    return std::filesystem::path(arguments.recording).stem().string() + "-" + name + ".pdf";
  std::filesystem::path path(arguments.out);
  if (arguments.figures.size() > 1)
    path.replace_filename(path.stem().string() + "-" + name + path.extension().string());
  return path.string();
}

void list_figures(bool json) {
  if (json) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& info : figures::figures())
      list.push_back({{"name", info.name},
                      {"title", info.title},
                      {"description", info.description},
                      {"width_mm", info.size_mm.width},
                      {"height_mm", info.size_mm.height}});
    fmt::print("{}\n", list.dump(2));
    return;
  }
  std::size_t width = 0;
  for (const auto& info : figures::figures()) width = std::max(width, info.name.size());
  for (const auto& info : figures::figures()) fmt::print("{:<{}}  {}\n", info.name, width, info.description);
}

/// What is drawn where no members are named: those that are not hidden, as in the window; all where all are.
std::vector<int> drawn_members(const figures::Run& run) {
  const auto hidden = figures::hidden_members(*run.recorded, run.annotations);
  std::vector<int> drawn;
  for (const auto& member : run.snapshot->members)
    if (!hidden.contains(member.id)) drawn.push_back(member.id);
  return drawn.size() < run.snapshot->members.size() ? drawn : std::vector<int>();
}

} // namespace

bool FigureArguments::wants_frames() const {
  return from || to || frames || rate || std::filesystem::path(out).extension() == ".apng";
}

int figure_command(const FigureArguments& arguments) {
  if (arguments.list) {
    list_figures(arguments.json);
    return 0;
  }
  // Everything that can be wrong about the command is found before anything is read or written.
  const auto jobs = jobs_of(arguments);
  if (arguments.wants_frames() && (jobs.size() > 1 || arguments.step))
    throw InputError(
        "a row of pictures shows one figure or recipe, from --from to --to: leave out --step and "
        "other figures");
  if (!arguments.wants_frames())
    for (const auto& job : jobs) refuse_existing(output_path(arguments, job.name), arguments.force);

  const recording::Reader reader(arguments.recording);
  figures::Run run;
  run.recorded = reader.snapshot();
  run.annotations = recording::read_annotations(arguments.recording);
  run.snapshot = figures::with_looks(run.recorded, run.annotations);
  run.drawn = drawn_members(run);
  run.frame_at = [&](int member, std::int64_t step) { return reader.frame(member, step); };
  find_members(run, arguments.members, "--member");
  if (!arguments.reference.empty()) find_members(run, {arguments.reference}, "--reference");
  if (arguments.wants_frames()) {
    write_frames(arguments, jobs.front().recipe, run);
    return 0;
  }
  // A figure that has nothing to show is found before the first file is written.
  std::vector<figures::Page> pages;
  for (const auto& job : jobs) pages.push_back(figures::make_page(job.recipe, run));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto path = output_path(arguments, jobs[i].name);
    figures::write_page(pages[i], path);
    fmt::print("{}\n", path);
  }
  return 0;
}

} // namespace plateau::commands
