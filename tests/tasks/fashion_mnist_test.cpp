// On the real Fashion-MNIST of Debian's package.
#include <array>
#include <map>

#include "engine/tasks/image_data.h"
#include "engine/tasks/task.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using namespace plateau::tasks;

namespace {

using Image = std::vector<float>;

Image image_of(const ImageSplit& split, std::uint32_t index) {
  return {split.image(index), split.image(index) + split.area};
}

/// One channel of one cell of a canvas.
Image cut(const Batch& batch, std::int64_t cell, std::int64_t sample, std::int64_t channel, int which) {
  Image image;
  const std::int64_t edge = 2 * cell;
  const float* corner = batch.images.data() + (sample * 3 + channel) * edge * edge +
                        (which / 2) * cell * edge + (which % 2) * cell;
  for (std::int64_t y = 0; y < cell; ++y)
    image.insert(image.end(), corner + y * edge, corner + y * edge + cell);
  return image;
}

/// The real files, wherever the environment of the tests points.
class RealData {
public:
  RealData() { environment_.set("PLATEAU_FASHION_MNIST", std::nullopt); }

private:
  scratch::Environment environment_;
};

} // namespace

TEST_CASE("Fashion-MNIST is complete") {
  const RealData real;
  const auto data = load_fashion_mnist(14);
  CHECK(describe(*data) == "Fashion-MNIST (60 000 train, 10 000 held-out images at 14×14)");
  for (const Split split : {Split::Training, Split::HeldOut}) {
    std::array<int, 10> counts{};
    for (const std::uint8_t label : data->split(split).labels) ++counts[label];
    for (const int count : counts) CHECK(count == (split == Split::Training ? 6000 : 1000));
  }
  CHECK(data->classes.at(data->training.labels[0]) == "Ankle boot"); // the data set's first image
  double mean = 0;
  for (const float pixel : data->training.pixels) mean += pixel;
  CHECK(mean / static_cast<double>(data->training.pixels.size()) ==
        Approx(0.2860).margin(1e-4)); // well known
}

TEST_CASE("the classes that stand in for digits are easily told apart") {
  const RealData real;
  const auto data = load_fashion_mnist(14);
  const auto centroid_accuracy = [&](const std::vector<int>& classes) {
    std::map<int, std::vector<double>> centroids;
    for (std::uint32_t i = 0; i < data->training.count; ++i) {
      const int label = data->training.labels[i];
      if (std::find(classes.begin(), classes.end(), label) == classes.end()) continue;
      auto& centroid = centroids.try_emplace(label, 196, 0.0).first->second;
      for (std::size_t p = 0; p < 196; ++p) centroid[p] += data->training.image(i)[p] / 6000;
    }
    double right = 0;
    for (std::uint32_t i = 0; i < data->held_out.count; ++i) {
      const int label = data->held_out.labels[i];
      if (!centroids.contains(label)) continue;
      int nearest = -1;
      double least = 1e9;
      for (const auto& [candidate, centroid] : centroids) {
        double distance = 0;
        for (std::size_t p = 0; p < 196; ++p) {
          const double difference = data->held_out.image(i)[p] - centroid[p];
          distance += difference * difference;
        }
        if (distance < least) {
          least = distance;
          nearest = candidate;
        }
      }
      right += nearest == label;
    }
    return right / (1000.0 * static_cast<double>(classes.size()));
  };
  // Already the nearest mean image tells them apart.
  CHECK(centroid_accuracy({1, 8}) > 0.95);
  CHECK(centroid_accuracy({1, 5, 8, 9}) > 0.9);
}

TEST_CASE("canvases hold real images of the right split and follow the rule") {
  const RealData real;
  study::TaskSettings settings;
  settings.indicators = "fashion";
  settings.color_noise = 0;
  const auto data = load_fashion_mnist(settings.cell_size);
  const auto task = make_task(settings);
  for (const Split split : {Split::Training, Split::HeldOut}) {
    std::map<Image, std::uint8_t> label_of;
    for (std::uint32_t i = 0; i < data->split(split).count; ++i)
      label_of.emplace(image_of(data->split(split), i), data->split(split).labels[i]);
    const Batch batch =
        split == Split::Training ? task->training_batch(0, 0, 256) : task->validation_set(256);
    for (std::int64_t i = 0; i < batch.count; ++i) {
      std::array<int, 4> label{};
      for (int which = 0; which < 4; ++which) {
        const Image red = cut(batch, 14, i, 0, which), green = cut(batch, 14, i, 1, which),
                    blue = cut(batch, 14, i, 2, which);
        const bool indicator = which == 0 || which == 3;
        const Image nothing(196, 0.0F);
        if (indicator)
          REQUIRE(((red == nothing) != (blue == nothing) && green == nothing));
        else
          REQUIRE((red == green && red == blue));
        const auto found = label_of.find(red == nothing ? blue : red);
        REQUIRE(found != label_of.end());
        label[static_cast<std::size_t>(which)] = found->second;
      }
      REQUIRE((label[0] == 1 || label[0] == 8));
      REQUIRE((label[3] == 1 || label[3] == 8));
      const auto at = static_cast<std::size_t>(i);
      REQUIRE(batch.decisions[at] == (label[0] == label[3]));
      REQUIRE(batch.labels[at] == (label[0] == label[3] ? label[1] : label[2]));
      REQUIRE(batch.alternatives[at] == (label[0] == label[3] ? label[2] : label[1]));
    }
  }
}
