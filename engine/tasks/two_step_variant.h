// What differs between the variants of the two-step image task: which images, colours and rule fill the four
// cells of the canvas. Painting, batches and guides are common (two_step_image.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/tasks/image_data.h"
#include "engine/tasks/random.h"
#include "engine/tasks/two_step_theory.h"

namespace plateau::tasks {

using Colour = std::array<float, 3>; // red, green, blue; 1 is full intensity

/// One grey image multiplied by one colour; without pixels the cell is black.
struct Cell {
  const float* pixels = nullptr; // [cell, cell]
  Colour colour = {0, 0, 0};     // before the colour noise
};

/// One sample before it is painted.
struct Scene {
  std::array<Cell, 4> cells; // top left, top right, bottom left, bottom right
  bool same = false;         // the intermediate decision z
  std::int64_t label_if_same = 0, label_if_different = 0;

  std::int64_t label() const { return same ? label_if_same : label_if_different; }
  std::int64_t alternative() const { return same ? label_if_different : label_if_same; }
};

/// Immutable and thread-safe.
class TwoStepVariant {
public:
  virtual ~TwoStepVariant() = default;
  virtual Scene draw(Split split, Random& random) const = 0;
  /// The exact probabilities of draw() on this split, from which the guides follow.
  virtual TwoCandidates candidates(Split split) const = 0;
  virtual std::vector<std::string> classes() const = 0;
  /// "same → top right: Sneaker"
  virtual std::string explain(bool same, std::int64_t label) const = 0;
  /// Which data and which indicators are in use, one line.
  virtual std::string data() const = 0;
};

// The variants (eureka.md 1.3), each in the file of its name. Each loads the data that it needs and throws
// InputError when they are missing.
std::unique_ptr<TwoStepVariant> make_fixed_position(const study::TaskSettings& settings);
std::unique_ptr<TwoStepVariant> make_indicator_groups(const study::TaskSettings& settings);
std::unique_ptr<TwoStepVariant> make_any_position(const study::TaskSettings& settings);
std::unique_ptr<TwoStepVariant> make_colour_indicator(const study::TaskSettings& settings);
std::unique_ptr<TwoStepVariant> make_class_or_colour(const study::TaskSettings& settings);
std::unique_ptr<TwoStepVariant> make_position_as_indicator(const study::TaskSettings& settings);

} // namespace plateau::tasks
