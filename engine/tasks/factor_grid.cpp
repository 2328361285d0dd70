#include "engine/tasks/factor_grid.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/study/rules.h"
#include "engine/tasks/normal.h"
#include "engine/tasks/permutation.h"

namespace plateau::tasks {
namespace {

/// Standard normals, a function of the seed and of the table's number.
std::vector<double> normals(std::int64_t seed, std::int64_t table, std::int64_t count) {
  const Normal& normal = Normal::tables();
  Random random(static_cast<std::uint64_t>(seed), Purpose::ItemTables, static_cast<std::uint64_t>(table), 0);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = normal(random);
  return values;
}

/// Takes the means of rows and of columns away, entry by entry. [levels, levels, width]
void centre_twice(std::vector<double>& table, std::int64_t levels, std::int64_t width) {
  const auto at = [&](std::int64_t row, std::int64_t column, std::int64_t entry) -> double& {
    return table[static_cast<std::size_t>((row * levels + column) * width + entry)];
  };
  const auto subtract_mean = [&](auto value) {
    double mean = 0;
    for (std::int64_t i = 0; i < levels; ++i) mean += value(i);
    mean /= static_cast<double>(levels);
    for (std::int64_t i = 0; i < levels; ++i) value(i) -= mean;
  };
  for (std::int64_t entry = 0; entry < width; ++entry) {
    for (std::int64_t row = 0; row < levels; ++row)
      subtract_mean([&](std::int64_t column) -> double& { return at(row, column, entry); });
    for (std::int64_t column = 0; column < levels; ++column)
      subtract_mean([&](std::int64_t row) -> double& { return at(row, column, entry); });
  }
}

/// Each column to mean 0 and standard deviation 1. [rows, width]
void standardise(std::vector<double>& values, std::int64_t rows, std::int64_t width) {
  const auto count = static_cast<double>(rows);
  for (std::int64_t entry = 0; entry < width; ++entry) {
    double mean = 0, square = 0;
    const auto at = [&](std::int64_t row) -> double& {
      return values[static_cast<std::size_t>(row * width + entry)];
    };
    for (std::int64_t row = 0; row < rows; ++row) mean += at(row) / count;
    for (std::int64_t row = 0; row < rows; ++row) {
      at(row) -= mean;
      square += at(row) * at(row) / count;
    }
    for (std::int64_t row = 0; row < rows; ++row) at(row) /= std::sqrt(square);
  }
}

} // namespace

FactorGrid::FactorGrid(const study::TaskSettings& settings, std::int64_t seed)
    : factors_(settings.factors), levels_(settings.levels), width_(settings.item_width) {
  for (std::int64_t factor = 0; factor < factors_; ++factor) cells_ *= levels_;
  if (cells_ > study::most_grid_cells)
    throw InputError(fmt::format("task.levels = {} to the power of task.factors = {} makes {} items; at "
                                 "most {}",
                                 levels_, factors_, cells_, study::most_grid_cells));
  if (factors_ == 1 && settings.main_effect == 0)
    throw InputError("task.main_effect = 0 with task.factors = 1: all items are alike");

  items_.resize(static_cast<std::size_t>(cells_ * width_));
  const auto add = [&](const std::vector<double>& table, double scale, auto row_of) {
    for (std::int64_t cell = 0; cell < cells_; ++cell) {
      const double* row = table.data() + row_of(cell) * width_;
      double* item = items_.data() + cell * width_;
      for (std::int64_t entry = 0; entry < width_; ++entry) item[entry] += scale * row[entry];
    }
  };
  // Tables are numbered by pairs of factors, those of a single one on the diagonal.
  for (std::int64_t first = 0; first < factors_; ++first) {
    add(normals(seed, first * factors_ + first, levels_ * width_), settings.main_effect,
        [&](std::int64_t cell) { return level(cell, first); });
    for (std::int64_t second = first + 1; second < factors_; ++second) {
      auto table = normals(seed, first * factors_ + second, levels_ * levels_ * width_);
      centre_twice(table, levels_, width_);
      add(table, 1, [&](std::int64_t cell) { return level(cell, first) * levels_ + level(cell, second); });
    }
  }
  standardise(items_, cells_, width_);

  Random random(static_cast<std::uint64_t>(seed), Purpose::HeldOutItems, 0, 0);
  order_ = permutation(random, cells_);
  const auto wanted = std::llround(settings.validation_share * static_cast<double>(cells_));
  held_out_ = static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 1, cells_ - 1));
}

std::int64_t FactorGrid::level(std::int64_t cell, std::int64_t factor) const {
  for (std::int64_t faster = factors_ - 1; faster > factor; --faster) cell /= levels_;
  return cell % levels_;
}

std::span<const double> FactorGrid::item(std::int64_t cell) const {
  return std::span(items_).subspan(static_cast<std::size_t>(cell * width_), static_cast<std::size_t>(width_));
}

} // namespace plateau::tasks
