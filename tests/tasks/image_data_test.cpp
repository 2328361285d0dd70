#include "engine/tasks/image_data.h"

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using namespace plateau::tasks;
using scratch::contains;

namespace {

std::string fashion_error(std::int64_t cell_size = 14) {
  const std::string text = scratch::message<InputError>([&] { load_fashion_mnist(cell_size); });
  CHECK_FALSE(contains(text, "\n"));
  return text;
}

std::string mnist_error(const study::TaskSettings& settings) {
  return scratch::message<InputError>([&] { find_mnist(settings); });
}

} // namespace

TEST_CASE("all usual file names are understood") {
  for (const char* separator : {"-", "."})
    for (const char* suffix : {"", ".gz"}) {
      const scratch::Folder folder;
      scratch::Environment environment;
      environment.set("PLATEAU_FASHION_MNIST", folder.path().string());
      scratch::write_data_set(folder.path(), false, {separator, suffix});
      const auto data = load_fashion_mnist(7);
      CHECK(data->training.count == 200);
      CHECK(data->held_out.count == 100);
      CHECK(data->training.pixels.size() == 200 * 49);
      CHECK(data->training.labels.back() == 9);
      CHECK(data->held_out.image(99)[48] == static_cast<float>(scratch::grey({false, true, 9})) / 255.0F);
      CHECK(describe(*data) == "Fashion-MNIST (200 train, 100 held-out images at 7×7)");
    }
}

TEST_CASE("images are read once per cell size and shared") {
  const scratch::Data files(false);
  const auto first = load_fashion_mnist(14);
  CHECK(load_fashion_mnist(14) == first);
  const auto other = load_fashion_mnist(9);
  CHECK(other != first);
  CHECK(load_fashion_mnist(14) == first); // still in use, so still shared
  scratch::fs::remove_all(files.folder() / "fashion");
  CHECK(contains(fashion_error(), "missing"));
}

TEST_CASE("missing Fashion-MNIST names the package and the folder") {
  const scratch::Folder folder;
  scratch::Environment environment;
  environment.set("PLATEAU_FASHION_MNIST", folder.path().string());
  const std::string text = fashion_error();
  CHECK(contains(text, folder.path().string()));
  CHECK(contains(text, "dataset-fashion-mnist"));
  CHECK(contains(text, "/usr/share/datasets/fashion-mnist"));
}

TEST_CASE("files that do not fit each other are refused") {
  const scratch::Folder folder;
  scratch::Environment environment;
  environment.set("PLATEAU_FASHION_MNIST", folder.path().string());
  scratch::write_data_set(folder.path(), false);
  const auto labels = folder.path() / "t10k-labels-idx1-ubyte";

  scratch::write_plain(labels, scratch::idx({99}, scratch::Bytes(99, 1)));
  CHECK(contains(fashion_error(), "99 labels for the 100 images of t10k-images-idx3-ubyte"));
  scratch::Bytes wrong(100, 1);
  wrong[5] = 10;
  scratch::write_plain(labels, scratch::idx({100}, wrong));
  CHECK(contains(fashion_error(), "label 10 at item 5"));
  scratch::fs::remove(labels);
  CHECK(contains(fashion_error(), "holds no t10k-labels-idx1-ubyte"));
  scratch::write_plain(folder.path() / "train-images-idx3-ubyte",
                       scratch::idx({1, 32, 32}, scratch::Bytes(1024)));
  CHECK(contains(fashion_error(), "images of 32x32 pixels, expected 28x28"));
}

TEST_CASE("cell sizes outside 4 to 28 are refused") {
  const scratch::Data files(false);
  for (const std::int64_t cell : {-1, 0, 3, 29}) CHECK(contains(fashion_error(cell), "from 4 to 28"));
}

TEST_CASE("MNIST is looked for in the settings, the environment, then the data folders") {
  const scratch::Folder folder;
  scratch::Environment environment;
  const auto home = folder.path() / "home";
  environment.set("HOME", home.string());
  environment.set("XDG_DATA_HOME", (folder.path() / "xdg").string());
  environment.set("PLATEAU_MNIST", std::nullopt);
  study::TaskSettings settings;

  const Digits none = find_mnist(settings);
  CHECK_FALSE(none.images);
  CHECK(contains(none.why_none, "no MNIST digits found in " + (folder.path() / "xdg/plateau/mnist").string() +
                                    " or ~/.local/share/plateau/mnist"));

  // Each place that comes earlier wins over the ones that follow.
  const auto place = [&](const scratch::fs::path& at) { scratch::write_data_set(at, true); };
  place(home / ".local/share/plateau/mnist");
  const auto at_home = find_mnist(settings).images;
  REQUIRE(at_home);
  CHECK(at_home->name == "MNIST");
  CHECK(at_home->training.labels.size() == 235); // sum of 10 + 3c
  place(folder.path() / "xdg/plateau/mnist");
  const auto at_xdg = find_mnist(settings).images;
  place(folder.path() / "variable");
  environment.set("PLATEAU_MNIST", (folder.path() / "variable").string());
  const auto at_variable = find_mnist(settings).images;
  place(home / "setting");
  settings.mnist_folder = "~/setting";
  const auto at_setting = find_mnist(settings).images;
  CHECK(at_xdg != at_home);
  CHECK(at_variable != at_xdg);
  CHECK(at_setting != at_variable);
  CHECK(find_mnist(settings).images == at_setting);

  settings.indicators = "fashion";
  CHECK_FALSE(find_mnist(settings).images);
}

TEST_CASE("MNIST that was asked for but is missing is an error that says where to put it") {
  const scratch::Folder folder;
  scratch::Environment environment;
  environment.set("HOME", folder.path().string());
  environment.set("XDG_DATA_HOME", std::nullopt);
  environment.set("PLATEAU_MNIST", std::nullopt);
  study::TaskSettings settings;
  settings.indicators = "mnist";
  const std::string text = mnist_error(settings);
  CHECK(contains(text, "~/.local/share/plateau/mnist"));
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                           "t10k-labels-idx1-ubyte", "task.mnist_folder"})
    CHECK(contains(text, name));

  // A folder that someone named must not be passed over in silence, not even with "auto".
  settings.indicators = "auto";
  settings.mnist_folder = (folder.path() / "nowhere").string();
  CHECK(contains(mnist_error(settings), "nowhere (task.mnist_folder)"));
  settings.mnist_folder.clear();
  environment.set("PLATEAU_MNIST", (folder.path() / "elsewhere").string());
  CHECK(contains(mnist_error(settings), "elsewhere (PLATEAU_MNIST)"));
}
