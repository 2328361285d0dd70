#include "app/commands/figure_frames.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "app/commands/output_path.h"
#include "engine/errors.h"
#include "widgets/animation.h"

namespace plateau::commands {
namespace fs = std::filesystem;

namespace {

constexpr int most_frames = 10'000, usual_frames = 50;
constexpr double usual_rate = 10;
constexpr float animation_dpi = 150;

std::vector<std::int64_t> steps_of(const FigureArguments& arguments, std::int64_t last) {
  const std::int64_t from = arguments.from.value_or(0), to = arguments.to.value_or(last);
  if (from < 0 || to > last || from > to)
    throw InputError(
        fmt::format("--from {} --to {}: the recording holds steps 0 to {}, and --from is not after "
                    "--to",
                    from, to, last));
  const int frames = arguments.frames.value_or(usual_frames);
  if (frames < 1 || frames > most_frames)
    throw InputError(fmt::format("--frames {}: want 1 to {}", frames, most_frames));
  std::vector<std::int64_t> steps;
  for (int i = 0; i < frames; ++i)
    steps.push_back(frames == 1 ? to : from + std::llround(double(to - from) * i / (frames - 1)));
  return steps;
}

figures::Recipe at(figures::Recipe recipe, std::int64_t step) {
  for (auto& row : recipe.rows)
    for (auto& panel : row.panels)
      if (std::holds_alternative<std::monostate>(panel.step)) panel.step = step;
  return recipe;
}

void write_animation(const FigureArguments& arguments, const std::vector<figures::Page>& ends,
                     const std::vector<std::int64_t>& steps,
                     const std::function<figures::Page(std::int64_t)>& page_at) {
  const double rate = arguments.rate.value_or(usual_rate);
  if (!(rate >= 0.1 && rate <= 100))
    throw InputError(fmt::format("--rate {}: want 0.1 to 100 pictures per second", rate));
  refuse_existing(arguments.out, arguments.force);
  const auto& first = ends.front();
  const widgets::Size size{first.size_mm.width * widgets::points_per_mm,
                           first.size_mm.height * widgets::points_per_mm};
  auto about = figures::metadata(first);
  about.provenance +=
      fmt::format("; {} pictures from step {} to {}", steps.size(), steps.front(), steps.back());
  try {
    widgets::Animation animation(arguments.out, size, about, int(steps.size()), 1 / rate, animation_dpi / 72);
    for (const std::int64_t step : steps) {
      const auto canvas = animation.next_frame();
      figures::draw_page(*canvas, page_at(step), {0, 0, size.width, size.height}, 1);
      canvas->finish();
    }
    animation.finish();
  } catch (const widgets::FileError& error) {
    throw RunError(error.what());
  }
  fmt::print("{}\n", arguments.out);
}

} // namespace

std::string numbered(const std::string& pattern, int number) {
  const auto wrong = [&] {
    return InputError(
        fmt::format("--out '{}': for a row of pictures give a name with one place for the number, "
                    "for example frame-%04d.png, or an .apng file for one that moves",
                    pattern));
  };
  const auto begin = pattern.find('%');
  if (begin == std::string::npos || pattern.find('%', begin + 1) != std::string::npos) throw wrong();
  auto end = begin + 1;
  while (end < pattern.size() && pattern[end] >= '0' && pattern[end] <= '9') ++end;
  const std::string width = pattern.substr(begin + 1, end - begin - 1);
  if (end == pattern.size() || pattern[end] != 'd' || width.size() > 2 ||
      (!width.empty() && width.front() != '0'))
    throw wrong();
  return pattern.substr(0, begin) + fmt::format("{:0{}}", number, width.empty() ? 0 : std::stoi(width)) +
         pattern.substr(end + 1);
}

void write_frames(const FigureArguments& arguments, const figures::Recipe& recipe, const figures::Run& run) {
  const auto steps = steps_of(arguments, run.snapshot->step);
  const auto page_at = [&](std::int64_t step) { return figures::make_page(at(recipe, step), run); };
  const bool moves = fs::path(arguments.out).extension() == ".apng";
  if (arguments.rate && !moves) throw InputError("--rate: only an .apng file has one");
  if (!moves) numbered(arguments.out, 1);
  // What cannot be shown at the first or last step is found before anything is written.
  const std::vector<figures::Page> ends = {page_at(steps.front()), page_at(steps.back())};
  if (moves) return write_animation(arguments, ends, steps, page_at);
  for (std::size_t i = 0; i < steps.size(); ++i)
    refuse_existing(numbered(arguments.out, int(i + 1)), arguments.force);
  for (std::size_t i = 0; i < steps.size(); ++i)
    figures::write_page(page_at(steps[i]), numbered(arguments.out, int(i + 1)));
  fmt::print("{} to {}\n", numbered(arguments.out, 1), numbered(arguments.out, int(steps.size())));
}

} // namespace plateau::commands
