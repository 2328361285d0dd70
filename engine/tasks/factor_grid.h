// Items that are made of factors, such as shape, size and colour: every combination of their levels is a cell
// of a grid and has a vector of its own (icl-plateaus.md 7.1, in place of the paper's 3D Shapes).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/study/settings.h"

namespace plateau::tasks {

/// x(v_1 ... v_F) = g Σ_f E_f[v_f] + Σ_{f<f'} T_ff'[v_f, v_f'], then each of its entries standardised over
/// the grid to mean 0 and deviation 1. E and T are standard normal; T is then centred over rows and columns,
/// so that it tells a linear probe nothing of any factor. E, T and which cells are held out depend on the
/// seed alone, so grids with other g show the same items more or less plainly. Immutable and thread-safe.
class FactorGrid {
public:
  /// Throws InputError where the grid is too large (study::most_grid_cells), or all items are alike.
  FactorGrid(const study::TaskSettings& settings, std::int64_t seed);

  std::int64_t factors() const { return factors_; }
  std::int64_t levels() const { return levels_; }
  std::int64_t cells() const { return cells_; }
  std::int64_t width() const { return width_; }
  /// Cells are numbered with the last factor fastest.
  std::int64_t level(std::int64_t cell, std::int64_t factor) const;
  /// Without noise. [width]
  std::span<const double> item(std::int64_t cell) const;
  /// The cells that training never sees, and the others; at least one of each.
  std::span<const std::int64_t> held_out() const { return std::span(order_).first(held_out_); }
  std::span<const std::int64_t> training() const { return std::span(order_).subspan(held_out_); }

private:
  std::int64_t factors_, levels_, width_, cells_ = 1;
  std::vector<double> items_;       // [cells, width]
  std::vector<std::int64_t> order_; // of the cells: a permutation that begins with those held out
  std::size_t held_out_ = 1;
};

} // namespace plateau::tasks
