#include "app/commands/figure.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/figures/catalogue.h"
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

const widgets::Theme& parse_theme(const std::string& name) {
  if (name == "print") return widgets::print_theme();
  if (name == "light") return widgets::light_theme();
  if (name == "dark") return widgets::dark_theme();
  throw InputError(fmt::format("--theme {}: want print, light or dark", name));
}

figures::BandEdges parse_edges(const std::string& name) {
  if (name.empty() || name == "range") return figures::BandEdges::MinMax;
  if (name == "quartiles") return figures::BandEdges::Quartiles;
  throw InputError(fmt::format("--seed-bands={}: want range (lowest to highest seed) or quartiles", name));
}

// By name (also the recorded one of a renamed member), by the number of its id, or all seeds of "ViT" at
// once.
std::vector<int> find_members(const training::Snapshot& snapshot, const training::Snapshot& recorded,
                              const std::vector<std::string>& wanted) {
  std::vector<int> ids;
  std::vector<std::string> names;
  for (const auto& member : snapshot.members) names.push_back(member.name);
  for (const auto& name : wanted) {
    const std::size_t before = ids.size();
    for (const auto& member : snapshot.members)
      if (member.name == name || member.name.starts_with(name + " · seed ")) ids.push_back(member.id);
    if (ids.size() == before)
      for (const auto& member : snapshot.members)
        for (const auto& original : recorded.members)
          if (original.id == member.id && original.name == name) ids.push_back(member.id);
    if (ids.size() == before)
      for (const auto& member : snapshot.members)
        if (std::to_string(member.id) == name) ids.push_back(member.id);
    if (ids.size() == before)
      throw InputError(fmt::format("--member {}: no such member{}; there are: {}", name,
                                   study::did_you_mean(name, names), fmt::join(names, ", ")));
  }
  return ids;
}

// Every member as it was at `step`.
training::Snapshot at_step(const training::Snapshot& whole, const recording::Reader& reader,
                           std::int64_t step) {
  if (step < 0 || step > whole.step)
    throw InputError(fmt::format("--step {}: the recording holds steps 0 to {}", step, whole.step));
  training::Snapshot snapshot = whole;
  for (auto& member : snapshot.members) member.frame = reader.frame(member.id, step);
  return snapshot;
}

std::filesystem::path output_path(const FigureArguments& arguments, const std::string& figure) {
  if (arguments.out.empty())
    return std::filesystem::path(arguments.recording).stem().string() + "-" + figure + ".pdf";
  std::filesystem::path path(arguments.out);
  if (arguments.figures.size() > 1)
    path.replace_filename(path.stem().string() + "-" + figure + path.extension().string());
  return path;
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

} // namespace

int figure_command(const FigureArguments& arguments) {
  if (arguments.list) {
    list_figures(arguments.json);
    return 0;
  }
  // Everything that can be wrong about the command is found before anything is read or written.
  std::vector<const figures::FigureInfo*> wanted;
  for (const auto& name : arguments.figures) {
    wanted.push_back(&figures::figure(name));
    if (std::ranges::count(arguments.figures, name) > 1)
      throw InputError(fmt::format("figure '{}' is named twice", name));
  }
  figures::PlotOptions options;
  options.theme = parse_theme(arguments.theme);
  options.smoothing = arguments.smoothing;
  options.log_x = arguments.log_x;
  options.log_y = arguments.log_y;
  options.seed_bands = !arguments.seed_bands.empty();
  options.band_edges = parse_edges(arguments.seed_bands);
  options.step = arguments.step;
  const widgets::Size size = arguments.size.empty() ? widgets::Size{} : parse_size(arguments.size);

  const recording::Reader reader(arguments.recording);
  const auto recorded = reader.snapshot();
  const auto annotations = recording::read_annotations(arguments.recording);
  auto snapshot = figures::with_looks(recorded, annotations);
  figures::take_colors(options.theme, annotations);
  options.members = find_members(*snapshot, *recorded, arguments.members);
  if (!arguments.reference.empty())
    options.reference = find_members(*snapshot, *recorded, {arguments.reference}).front();
  if (arguments.step)
    snapshot = std::make_shared<training::Snapshot>(at_step(*snapshot, reader, *arguments.step));
  // A figure that has nothing to show is found before the first file is written.
  for (const auto* info : wanted)
    if (const auto reason = info->missing(*snapshot, options); !reason.empty())
      throw InputError(fmt::format("no figure '{}': {}", info->name, reason));
  for (const auto* info : wanted) {
    const auto path = output_path(arguments, info->name);
    figures::write_figure(*info, *snapshot, options, arguments.size.empty() ? info->size_mm : size,
                          path.string());
    fmt::print("{}\n", path.string());
  }
  return 0;
}

} // namespace plateau::commands
