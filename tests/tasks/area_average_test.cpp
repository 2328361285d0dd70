#include "engine/tasks/area_average.h"

#include <numeric>

#include "tests/catch.h"

using plateau::tasks::area_average;

TEST_CASE("a constant image stays exactly constant at every cell size") {
  for (const int value : {0, 1, 77, 255}) {
    const std::vector<std::uint8_t> image(28 * 28, static_cast<std::uint8_t>(value));
    for (std::int64_t cell = 4; cell <= 28; ++cell) {
      const auto small = area_average(image, 28, cell);
      REQUIRE(small.size() == static_cast<std::size_t>(cell * cell));
      for (const float pixel : small) REQUIRE(pixel == static_cast<float>(value) / 255.0F);
    }
  }
}

TEST_CASE("at full size pixels are only divided by 255") {
  std::vector<std::uint8_t> images(2 * 28 * 28);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37);
  const auto same = area_average(images, 28, 28);
  for (std::size_t i = 0; i < images.size(); ++i) REQUIRE(same[i] == static_cast<float>(images[i]) / 255.0F);
}

TEST_CASE("the average over a cell is the integral of the image over it") {
  // Piecewise constant in x and y; its integral over [a, b] x [c, d] is found by summing tiny slices.
  std::vector<std::uint8_t> image(28 * 28);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>((i * i * 31 + i) % 251);
  for (const std::int64_t cell : {5, 8, 9, 13, 27}) {
    const auto small = area_average(image, 28, cell);
    // Slices of 1 / cell pixel fall on every border.
    for (std::int64_t row = 0; row < cell; ++row)
      for (std::int64_t column = 0; column < cell; ++column) {
        double sum = 0;
        for (std::int64_t y = row * 28; y < (row + 1) * 28; ++y)
          for (std::int64_t x = column * 28; x < (column + 1) * 28; ++x)
            sum += image[static_cast<std::size_t>(y / cell * 28 + x / cell)];
        REQUIRE(small[static_cast<std::size_t>(row * cell + column)] ==
                Approx(sum / (28 * 28) / 255).epsilon(1e-6));
      }
  }
}

TEST_CASE("a linear image keeps its slope, its mean and its orientation") {
  std::vector<std::uint8_t> image(28 * 28); // brightness 4x + 2y
  for (std::size_t y = 0; y < 28; ++y)
    for (std::size_t x = 0; x < 28; ++x) image[y * 28 + x] = static_cast<std::uint8_t>(4 * x + 2 * y);
  for (const std::int64_t cell : {4, 7, 14}) { // whole pixels: linear stays linear
    const auto small = area_average(image, 28, cell);
    const double width = 28.0 / static_cast<double>(cell);
    for (std::int64_t y = 0; y < cell; ++y)
      for (std::int64_t x = 0; x < cell; ++x) {
        const double centre_x = (static_cast<double>(x) + 0.5) * width - 0.5;
        const double centre_y = (static_cast<double>(y) + 0.5) * width - 0.5;
        REQUIRE(small[static_cast<std::size_t>(y * cell + x)] * 255 ==
                Approx(4 * centre_x + 2 * centre_y).epsilon(1e-6));
      }
  }
  const double mean = std::accumulate(image.begin(), image.end(), 0.0) / 784 / 255;
  for (std::int64_t cell = 4; cell <= 28; ++cell) {
    const auto small = area_average(image, 28, cell);
    CHECK(std::accumulate(small.begin(), small.end(), 0.0) / static_cast<double>(small.size()) ==
          Approx(mean).epsilon(1e-6));
  }
}

TEST_CASE("images of a stack do not mix") {
  std::vector<std::uint8_t> images(3 * 28 * 28, 0);
  std::fill(images.begin() + 784, images.begin() + 2 * 784, std::uint8_t{255});
  const auto small = area_average(images, 28, 9);
  for (std::size_t i = 0; i < small.size(); ++i) REQUIRE(small[i] == (i / 81 == 1 ? 1.0F : 0.0F));
}
