#include "engine/recording/tensorboard.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <limits>
#include <sstream>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/recording/array_history.h"
#include "engine/recording/event_file.h"
#include "engine/study/study.h"

namespace plateau::recording {
namespace fs = std::filesystem;
namespace {

constexpr const char *attention = "attention/mean", *saturation = "saturation/histogram",
                     *noise = "noise/errors";
constexpr std::size_t most_images = 10; // of one tag: as many as TensorBoard shows
constexpr auto all = std::numeric_limits<std::size_t>::max();
constexpr double seconds_per_step = 1e-3;
constexpr int smallest_map = 96;        // pixels along an edge, so that few tokens can be seen
constexpr double lowest_exponent = -10; // of a histogram of log10 a
constexpr std::size_t bins_of_values = 30;

/// Seconds since 1970; 0 for a recording that does not say when it was made.
double created(const Reader& reader) {
  std::istringstream text(reader.summary("created"));
  std::tm time{};
  text >> std::get_time(&time, "%Y-%m-%dT%H:%M:%SZ");
  return text ? static_cast<double>(timegm(&time)) : 0;
}

/// Shares of probabilities per bin of log10 a, from -10 to 0. Smallest and largest are known to the bin: the
/// outer edges of the first and the last one that hold any.
EventHistogram shares(std::span<const float> row) {
  EventHistogram h;
  const double width = -lowest_exponent / static_cast<double>(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double count = row[i], left = lowest_exponent + width * static_cast<double>(i);
    const double middle = left + width / 2, right = lowest_exponent + width * static_cast<double>(i + 1);
    if (count > 0) {
      if (h.count == 0) h.minimum = left;
      h.maximum = right;
    }
    h.limits.push_back(right);
    h.counts.push_back(count);
    h.count += count;
    h.sum += count * middle;
    h.sum_of_squares += count * middle * middle;
  }
  return h;
}

/// Of single values; those that are no numbers are left out.
EventHistogram spread(std::vector<float> values) {
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  EventHistogram h;
  if (values.empty()) return h;
  const auto [least, most] = std::ranges::minmax(values);
  h.minimum = least;
  h.maximum = most;
  h.count = static_cast<double>(values.size());
  const std::size_t bins = most > least ? bins_of_values : 1;
  const double width = (h.maximum - h.minimum) / static_cast<double>(bins);
  h.counts.assign(bins, 0);
  for (std::size_t i = 0; i < bins; ++i) h.limits.push_back(h.minimum + width * static_cast<double>(i + 1));
  h.limits.back() = h.maximum;
  for (const double value : values) {
    const double bin = width > 0 ? (value - h.minimum) / width : 0;
    h.counts[std::min(bins - 1, static_cast<std::size_t>(bin))] += 1;
    h.sum += value;
    h.sum_of_squares += value * value;
  }
  return h;
}

/// Heads side by side, each cell some pixels wide; white is the largest weight of the layer. By square roots:
/// behind a causal mask the first row has a weight of 1, and the others would be black beside it.
GreyImage picture(std::span<const float> maps, std::int64_t heads, std::int64_t queries, std::int64_t keys) {
  const int scale = std::max(1, smallest_map / static_cast<int>(std::max(queries, keys)));
  const int gap = std::max(2, scale / 2);
  const int map_width = static_cast<int>(keys) * scale;
  GreyImage image;
  image.width = static_cast<int>(heads) * (map_width + gap) - gap;
  image.height = static_cast<int>(queries) * scale;
  image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height), 255);
  float largest = 0;
  for (const float weight : maps)
    if (std::isfinite(weight)) largest = std::max(largest, weight);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const int head = x / (map_width + gap), inside = x % (map_width + gap);
      if (inside >= map_width) continue; // the gap
      const auto at = (head * queries + y / scale) * keys + inside / scale;
      const float weight = maps[static_cast<std::size_t>(at)] / largest;
      image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                   static_cast<std::size_t>(x)] =
          static_cast<std::uint8_t>(weight > 0 ? std::lround(255 * std::sqrt(std::min(weight, 1.f))) : 0);
    }
  return image;
}

/// At most `count` of them, first and last among them.
std::vector<std::int64_t> evenly(const std::vector<std::int64_t>& steps, std::size_t count) {
  if (steps.size() <= count) return steps;
  std::vector<std::int64_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(steps[i * (steps.size() - 1) / (count - 1)]);
  return chosen;
}

class Run {
public:
  Run(const Reader& reader, const ArrayHistory& arrays, const ExportedMember& member, const fs::path& file,
      double start)
      : reader_(reader), arrays_(arrays), member_(member), start_(start), events_(file, start) {}

  void write() {
    events_.text("study", 0, start_,
                 fmt::format("{}\n\n```toml\n{}```\n", member_.name, study::to_toml(reader_.study())));
    for (const auto& metric : reader_.metrics(member_.id)) {
      const auto series = reader_.series(member_.id, metric);
      for (std::size_t i = 0; i < series.size(); ++i)
        events_.scalar(metric, series[i].step, time(series[i].step), series[i].value);
    }
    each(attention, most_images, [&](const auto& tensor, auto step) { write_maps(tensor, step); });
    each(saturation, all, [&](const auto& tensor, auto step) { write_saturation(tensor, step); });
    each(noise, all, [&](const auto& tensor, auto step) {
      events_.histogram(noise, step, time(step), spread(tensor.data));
    });
    events_.close();
  }

private:
  /// Of at most `count` of the array's steps.
  template<class Write> void each(const char* array, std::size_t count, Write write) {
    for (const auto step : evenly(arrays_.steps(member_.id, array), count))
      if (const auto tensor = arrays_.at(member_.id, array, step)) write(*tensor, step);
  }

  double time(std::int64_t step) const { return start_ + seconds_per_step * static_cast<double>(step); }

  void write_maps(const training::Tensor& tensor, std::int64_t step) {
    if (tensor.shape.size() != 4) return;
    const auto heads = tensor.shape[1], queries = tensor.shape[2], keys = tensor.shape[3];
    const auto size = static_cast<std::size_t>(heads * queries * keys);
    if (size == 0) return;
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(tensor.shape[0]); ++layer)
      events_.image(fmt::format("attention/layer{}", layer + 1), step, time(step),
                    picture(std::span(tensor.data).subspan(layer * size, size), heads, queries, keys));
  }

  void write_saturation(const training::Tensor& tensor, std::int64_t step) {
    if (tensor.shape.size() != 2 || tensor.shape[1] == 0) return;
    const auto bins = static_cast<std::size_t>(tensor.shape[1]);
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(tensor.shape[0]); ++layer)
      events_.histogram(fmt::format("{}/layer{}", saturation, layer + 1), step, time(step),
                        shares(std::span(tensor.data).subspan(layer * bins, bins)));
  }

  const Reader& reader_;
  const ArrayHistory& arrays_;
  const ExportedMember& member_;
  double start_;
  EventFile events_;
};

/// A run's event file; TensorBoard finds it by the word in the middle.
fs::path event_file(const fs::path& folder, const ExportedMember& member, double start) {
  return folder / member.file / fmt::format("events.out.tfevents.{:.0f}.plateau", start);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder))
    throw InputError(fmt::format("can not create the folder '{}': {}", folder.string(),
                                 error ? error.message() : "something else has that name"));
}

} // namespace

void export_tensorboard(const fs::path& recording, std::span<const ExportedMember> members,
                        const fs::path& folder) {
  const Reader reader(recording);
  const ArrayHistory arrays(recording, reader.members());
  const double start = created(reader);
  make_folder(folder);
  for (const auto& member : members)
    if (const auto run = folder / member.file; fs::exists(run))
      throw InputError(fmt::format("'{}' exists already; choose another folder", run.string()));
  for (const auto& member : members) {
    make_folder(folder / member.file);
    Run(reader, arrays, member, event_file(folder, member, start), start).write();
  }
}

} // namespace plateau::recording
