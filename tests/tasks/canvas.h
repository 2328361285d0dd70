// Reads a canvas of the constant images of scratch.h back: which image and which colour each cell holds.
#pragma once

#include <array>
#include <cmath>

#include "engine/tasks/task.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

namespace canvas {

/// The variants of the two-step image task.
inline std::vector<plateau::tasks::TaskDescription> variants() {
  auto list = plateau::tasks::list_tasks();
  std::erase_if(list, [](const auto& task) { return task.kind != "two-step-image"; });
  return list;
}

using Triple = std::array<double, 3>; // red, green, blue

/// The one triple of a cell (0 top left, 1 top right, 2 bottom left, 3 bottom right); fails when the cell is
/// not of one colour.
inline Triple cell_colour(const plateau::tasks::Batch& batch, std::int64_t cell, std::int64_t sample,
                          int which) {
  Triple colour{};
  const std::int64_t edge = 2 * cell;
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    const float* plane = batch.images.data() + (sample * 3 + channel) * edge * edge;
    const float* corner = plane + (which / 2) * cell * edge + (which % 2) * cell;
    for (std::int64_t y = 0; y < cell; ++y)
      for (std::int64_t x = 0; x < cell; ++x) REQUIRE(corner[y * edge + x] == corner[0]);
    colour[static_cast<std::size_t>(channel)] = corner[0];
  }
  return colour;
}

struct Named {
  const char* name;
  Triple colour;
};
inline const std::array<Named, 3> plain = {{{"white", {1, 1, 1}}, {"red", {1, 0, 0}}, {"blue", {0, 0, 1}}}};
/// matplotlib's colours of these names, in the order of eureka.md 1.3.
inline const std::array<Named, 10> ten = {{{"brown", {165 / 255.0, 42 / 255.0, 42 / 255.0}},
                                           {"blue", {0, 0, 1}},
                                           {"yellow", {1, 1, 0}},
                                           {"orange", {1, 165 / 255.0, 0}},
                                           {"red", {1, 0, 0}},
                                           {"green", {0, 128 / 255.0, 0}},
                                           {"purple", {128 / 255.0, 0, 128 / 255.0}},
                                           {"gray", {128 / 255.0, 128 / 255.0, 128 / 255.0}},
                                           {"pink", {1, 192 / 255.0, 203 / 255.0}},
                                           {"turquoise", {64 / 255.0, 224 / 255.0, 208 / 255.0}}}};

struct Content {
  scratch::Identity image;
  int colour = -1; // index into the palette
  bool black = false;
};

/// Image and colour that multiply to `seen`; fails unless exactly one pair does.
template<std::size_t N> Content decode(const Triple& seen, const std::array<Named, N>& palette) {
  Content content;
  if (seen == Triple{0, 0, 0}) {
    content.black = true;
    return content;
  }
  int matches = 0;
  for (int grey = 1; grey < 256; ++grey)
    for (std::size_t k = 0; k < N; ++k) {
      double worst = 0;
      for (std::size_t c = 0; c < 3; ++c)
        worst = std::max(worst, std::abs(seen[c] - palette[k].colour[c] * grey / 255.0));
      const auto identity = scratch::identity_of(grey);
      if (worst > 1e-5 || !identity) continue;
      ++matches;
      content.image = *identity;
      content.colour = static_cast<int>(k);
    }
  REQUIRE(matches == 1);
  return content;
}

} // namespace canvas
