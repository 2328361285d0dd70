#include "engine/tasks/image_data.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/area_average.h"
#include "engine/tasks/environment.h"
#include "engine/tasks/grouped.h"
#include "engine/tasks/idx_file.h"
#include "engine/tasks/join.h"

namespace plateau::tasks {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t source_size = 28;
const fs::path debian_folder = "/usr/share/datasets/fashion-mnist";
constexpr const char* four_files =
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
    "t10k-labels-idx1-ubyte, plain or .gz";

const std::vector<std::string> fashion_classes = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
const std::vector<std::string> digit_classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

/// "~/x" for what lies in the home folder: shorter, and recordings are sent to other people.
std::string for_people(const fs::path& path) {
  const std::string home = environment("HOME"), text = path.string();
  return home.size() > 1 && text.starts_with(home + "/") ? "~" + text.substr(home.size()) : text;
}

/// The file under one of its usual names: train-images-idx3-ubyte or train-images.idx3-ubyte, plain or .gz.
std::optional<fs::path> find_file(const fs::path& folder, const std::string& stem, const std::string& type) {
  std::error_code ignored;
  for (const char* separator : {"-", "."})
    for (const char* suffix : {"", ".gz"}) {
      const fs::path path = folder / fmt::format("{}{}{}{}", stem, separator, type, suffix);
      if (fs::exists(path, ignored)) return path;
    }
  return std::nullopt;
}

bool has_data(const fs::path& folder) {
  return find_file(folder, "train-images", "idx3-ubyte").has_value();
}

fs::path require_file(const fs::path& folder, const std::string& stem, const std::string& type) {
  if (const auto path = find_file(folder, stem, type)) return *path;
  throw InputError(fmt::format("{} holds no {}-{} (plain or .gz); needed are {}", folder.string(), stem, type,
                               four_files));
}

ImageSplit read_split(const fs::path& folder, const std::string& stem, std::int64_t cell_size) {
  const fs::path image_path = require_file(folder, stem + "-images", "idx3-ubyte");
  const fs::path label_path = require_file(folder, stem + "-labels", "idx1-ubyte");
  const IdxImages images = read_idx_images(image_path);
  if (images.rows != source_size || images.columns != source_size)
    throw InputError(fmt::format("{}: images of {}x{} pixels, expected 28x28", image_path.string(),
                                 images.rows, images.columns));
  ImageSplit split;
  split.labels = read_idx_labels(label_path);
  split.count = images.count;
  split.area = cell_size * cell_size;
  if (static_cast<std::int64_t>(split.labels.size()) != images.count)
    throw InputError(fmt::format("{}: {} labels for the {} images of {}", label_path.string(),
                                 split.labels.size(), images.count, image_path.filename().string()));
  const auto wrong =
      std::find_if(split.labels.begin(), split.labels.end(), [](std::uint8_t label) { return label > 9; });
  if (wrong != split.labels.end())
    throw InputError(fmt::format("{}: label {} at item {}, expected 0 to 9", label_path.string(), *wrong,
                                 wrong - split.labels.begin()));
  split.pixels = area_average(images.pixels, source_size, cell_size);
  return split;
}

std::shared_ptr<const ImageData> read(const std::string& name, const std::vector<std::string>& classes,
                                      const fs::path& folder, std::int64_t cell_size) {
  auto data = std::make_shared<ImageData>();
  data->name = name;
  data->folder = folder.string();
  data->classes = classes;
  data->cell_size = cell_size;
  data->training = read_split(folder, "train", cell_size);
  data->held_out = read_split(folder, "t10k", cell_size);
  return data;
}

/// Reads each (folder, cell size) once while some task uses it. The latest of each data set is kept beyond
/// that, so that restarting a study needs no reading.
std::shared_ptr<const ImageData> load(const std::string& name, const std::vector<std::string>& classes,
                                      const fs::path& folder, std::int64_t cell_size) {
  if (cell_size < 4 || cell_size > source_size)
    throw InputError(fmt::format("task.cell_size = {}: allowed is an integer from 4 to 28", cell_size));
  static std::mutex mutex;
  static std::map<std::pair<fs::path, std::int64_t>, std::weak_ptr<const ImageData>> loaded;
  static std::map<std::string, std::shared_ptr<const ImageData>> latest;
  const std::lock_guard lock(mutex);
  auto& entry = loaded[{folder, cell_size}];
  auto data = entry.lock();
  if (!data) entry = data = read(name, classes, folder, cell_size);
  latest[name] = data;
  return data;
}

} // namespace

Item draw_item(const ImageSplit& split, Random& random) {
  const std::uint32_t index = random.below(static_cast<std::uint32_t>(split.count));
  return {split.image(index), split.labels[index]};
}

std::shared_ptr<const ImageData> load_fashion_mnist(std::int64_t cell_size) {
  const std::string named = environment("PLATEAU_FASHION_MNIST");
  const fs::path folder = named.empty() ? debian_folder : expand_home(named);
  if (!has_data(folder) && named.empty())
    throw InputError(
        fmt::format("Fashion-MNIST is missing: no train-images-idx3-ubyte.gz in {}; install the "
                    "Debian package dataset-fashion-mnist, or set PLATEAU_FASHION_MNIST to a folder "
                    "with its four idx files",
                    folder.string()));
  if (!has_data(folder))
    throw InputError(
        fmt::format("Fashion-MNIST is missing: no train-images-idx3-ubyte (plain or .gz) in {} "
                    "(PLATEAU_FASHION_MNIST); put its four idx files there, or unset the variable "
                    "and install the Debian package dataset-fashion-mnist ({})",
                    folder.string(), debian_folder.string()));
  return load("Fashion-MNIST", fashion_classes, folder, cell_size);
}

Digits find_mnist(const study::TaskSettings& settings) {
  if (settings.indicators == "fashion") return {nullptr, "task.indicators = fashion"};

  const std::string named = environment("PLATEAU_MNIST");
  std::vector<fs::path> folders;
  std::string origin; // of a folder that was named explicitly
  if (!settings.mnist_folder.empty()) {
    folders = {expand_home(settings.mnist_folder)};
    origin = " (task.mnist_folder)";
  } else if (!named.empty()) {
    folders = {expand_home(named)};
    origin = " (PLATEAU_MNIST)";
  } else {
    const std::string data_home = environment("XDG_DATA_HOME"), home = environment("HOME");
    if (!data_home.empty()) folders.push_back(fs::path(data_home) / "plateau/mnist");
    if (!home.empty()) folders.push_back(fs::path(home) / ".local/share/plateau/mnist");
    if (folders.size() == 2 && folders[0] == folders[1]) folders.pop_back();
  }
  for (const fs::path& folder : folders)
    if (has_data(folder)) return {load("MNIST", digit_classes, folder, settings.cell_size), ""};

  std::vector<std::string> places;
  for (const fs::path& folder : folders) places.push_back(for_people(folder));
  const std::string why_none =
      "no MNIST digits found" + (places.empty() ? "" : fmt::format(" in {}", join(places, " or ")));
  if (settings.indicators == "mnist" || !origin.empty())
    throw InputError(fmt::format("{}{}; put {} there, or set task.mnist_folder to their folder, or "
                                 "task.indicators to fashion",
                                 why_none, origin, four_files));
  return {nullptr, why_none};
}

std::string describe(const ImageData& data) {
  return fmt::format("{} ({} train, {} held-out images at {}×{})", data.name, grouped(data.training.count),
                     grouped(data.held_out.count), data.cell_size, data.cell_size);
}

} // namespace plateau::tasks
