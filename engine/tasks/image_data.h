// Fashion-MNIST and MNIST: found on disk, read, down-sampled once per process and shared between tasks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/study/settings.h"
#include "engine/tasks/random.h"

namespace plateau::tasks {

enum class Split { Training, HeldOut };

struct ImageSplit {
  std::int64_t count = 0;
  std::int64_t area = 0;            // pixels per image
  std::vector<float> pixels;        // [count, cell, cell], grey, 0..1
  std::vector<std::uint8_t> labels; // [count], 0..9

  const float* image(std::uint32_t index) const { return pixels.data() + index * area; }
};

struct ImageData {
  std::string name;                 // "Fashion-MNIST"
  std::string folder;               // where it was read from
  std::vector<std::string> classes; // ten names
  std::int64_t cell_size = 0;
  ImageSplit training, held_out;

  const ImageSplit& split(Split which) const { return which == Split::Training ? training : held_out; }
};

/// An image drawn uniformly from a split.
struct Item {
  const float* pixels = nullptr; // [cell, cell]
  std::int64_t label = 0;
};
Item draw_item(const ImageSplit& split, Random& random);

/// Fashion-MNIST from $PLATEAU_FASHION_MNIST, else from the folder of Debian's package dataset-fashion-mnist.
/// Throws InputError that names package and folder when it is missing, or what is wrong with a file.
/// `cell_size`: 4..28 pixels.
std::shared_ptr<const ImageData> load_fashion_mnist(std::int64_t cell_size);

/// MNIST's digits, if this machine has them.
struct Digits {
  std::shared_ptr<const ImageData> images; // null: none
  std::string why_none;                    // "no MNIST digits found in ~/.local/share/plateau/mnist"
};

/// Looks for MNIST's idx files in settings.mnist_folder, else $PLATEAU_MNIST, else
/// $XDG_DATA_HOME/plateau/mnist and ~/.local/share/plateau/mnist. Throws InputError when settings.indicators
/// is "mnist" and there are none, or when a folder that was named explicitly (by the first two) lacks them;
/// with "fashion" it does not look.
Digits find_mnist(const study::TaskSettings& settings);

/// "Fashion-MNIST (60 000 train, 10 000 held-out images at 14×14)"
std::string describe(const ImageData& data);

} // namespace plateau::tasks
