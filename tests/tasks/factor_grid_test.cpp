#include "engine/tasks/factor_grid.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/linear_probe.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using tasks::FactorGrid;

namespace {

study::TaskSettings grid(std::int64_t factors, std::int64_t levels, double main_effect) {
  study::TaskSettings settings;
  settings.kind = "factor-labels";
  settings.factors = factors;
  settings.levels = levels;
  settings.main_effect = main_effect;
  settings.validation_share = 0.2;
  return settings;
}

/// Mean accuracy of a linear probe for the factors, learnt from noisy training cells, on held-out ones.
double probe_accuracy(const FactorGrid& items) {
  double mean = 0;
  for (std::int64_t factor = 0; factor < items.factors(); ++factor) {
    const auto rows = [&](std::span<const std::int64_t> cells, linear_probe::Rows& x,
                          std::vector<std::size_t>& y) {
      for (const auto cell : cells) {
        const auto item = items.item(cell);
        x.emplace_back(item.begin(), item.end());
        y.push_back(static_cast<std::size_t>(items.level(cell, factor)));
      }
    };
    linear_probe::Rows x, test_x;
    std::vector<std::size_t> y, test_y;
    rows(items.training(), x, y);
    rows(items.held_out(), test_x, test_y);
    mean += linear_probe::accuracy(x, y, test_x, test_y, static_cast<std::size_t>(items.levels()), 1) /
            static_cast<double>(items.factors());
  }
  return mean;
}

double mean_probe_accuracy(std::int64_t levels, double main_effect) {
  double mean = 0;
  for (int seed = 0; seed < 10; ++seed)
    mean += probe_accuracy(FactorGrid(grid(3, levels, main_effect), seed)) / 10;
  return mean;
}

} // namespace

TEST_CASE("every combination of levels is a cell") {
  const FactorGrid items(grid(3, 5, 1), 0);
  CHECK(items.cells() == 125);
  std::set<std::vector<std::int64_t>> seen;
  for (std::int64_t cell = 0; cell < 125; ++cell) {
    CHECK(items.level(cell, 0) * 25 + items.level(cell, 1) * 5 + items.level(cell, 2) == cell);
    seen.insert({items.level(cell, 0), items.level(cell, 1), items.level(cell, 2)});
  }
  CHECK(seen.size() == 125);
}

TEST_CASE("entries of items have mean 0 and deviation 1 over the grid") {
  for (const double main_effect : {0.0, 0.6, 10.0}) {
    const FactorGrid items(grid(3, 4, main_effect), 3);
    for (std::size_t entry = 0; entry < 32; ++entry) {
      double sum = 0, square = 0;
      for (std::int64_t cell = 0; cell < 64; ++cell) {
        sum += items.item(cell)[entry];
        square += std::pow(items.item(cell)[entry], 2);
      }
      CHECK(sum / 64 == Approx(0).margin(1e-12));
      CHECK(square / 64 == Approx(1).epsilon(1e-12));
    }
  }
}

TEST_CASE("interactions alone tell a linear reader nothing of a factor") {
  const auto largest_mean = [](double main_effect) { // of an entry, over all cells with one level of a factor
    const FactorGrid items(grid(3, 4, main_effect), 1);
    double largest = 0;
    for (std::int64_t factor = 0; factor < 3; ++factor)
      for (std::int64_t level = 0; level < 4; ++level)
        for (std::size_t entry = 0; entry < 32; ++entry) {
          double mean = 0;
          for (std::int64_t cell = 0; cell < 64; ++cell)
            if (items.level(cell, factor) == level) mean += items.item(cell)[entry] / 16;
          largest = std::max(largest, std::abs(mean));
        }
    return largest;
  };
  CHECK(largest_mean(0) < 1e-13);
  CHECK(largest_mean(1) > 1);
}

TEST_CASE("single factors and pairs of them are all that items are made of") {
  // x - Σ (means of pairs) + Σ (means of single factors) = 0 for three factors (functional ANOVA).
  const FactorGrid items(grid(3, 3, 0.7), 5);
  const auto mean = [&](std::int64_t cell, std::vector<std::int64_t> same, std::size_t entry) {
    double sum = 0, count = 0;
    for (std::int64_t other = 0; other < 27; ++other)
      if (std::ranges::all_of(same, [&](auto f) { return items.level(other, f) == items.level(cell, f); })) {
        sum += items.item(other)[entry];
        count += 1;
      }
    return sum / count;
  };
  for (std::int64_t cell = 0; cell < 27; ++cell)
    for (const std::size_t entry : {0U, 31U})
      CHECK(mean(cell, {0, 1}, entry) + mean(cell, {0, 2}, entry) + mean(cell, {1, 2}, entry) -
                mean(cell, {0}, entry) - mean(cell, {1}, entry) - mean(cell, {2}, entry) ==
            Approx(items.item(cell)[entry]).margin(1e-12));
}

TEST_CASE("a linear probe finds factors on unseen cells as the main effect lets it") {
  // icl-plateaus.md 7.1, measured elsewhere: 0.40, 0.85 to 0.90, 0.95 to 1.
  CHECK(mean_probe_accuracy(5, 0.4) == Approx(0.45).margin(0.1));
  CHECK(mean_probe_accuracy(4, 0.6) == Approx(0.85).margin(0.08));
  CHECK(mean_probe_accuracy(4, 1) > 0.93);
  CHECK(mean_probe_accuracy(4, 0) < 0.3); // 0.25 by chance
}

TEST_CASE("cells are held out by their share, at least one and not all") {
  for (const auto& [share, held_out] : {std::pair{0.2, 13}, {0.01, 1}, {0.5, 32}}) {
    auto settings = grid(3, 4, 1);
    settings.validation_share = share;
    const FactorGrid items(settings, 2);
    CHECK(std::ssize(items.held_out()) == held_out);
    CHECK(std::ssize(items.training()) == 64 - held_out);
    std::set<std::int64_t> all(items.held_out().begin(), items.held_out().end());
    all.insert(items.training().begin(), items.training().end());
    CHECK(all.size() == 64);
  }
  const FactorGrid least(grid(1, 2, 1), 0);
  CHECK(least.held_out().size() == 1);
  CHECK(least.training().size() == 1);
}

TEST_CASE("items are a function of the seed, and the main effect only mixes them anew") {
  const FactorGrid items(grid(2, 4, 1), 7), again(grid(2, 4, 1), 7), other(grid(2, 4, 1), 8),
      entangled(grid(2, 4, 0), 7);
  const auto vectors = [](const FactorGrid& from) {
    std::vector<double> all;
    for (std::int64_t cell = 0; cell < from.cells(); ++cell)
      all.insert(all.end(), from.item(cell).begin(), from.item(cell).end());
    return all;
  };
  CHECK(vectors(items) == vectors(again));
  CHECK_FALSE(vectors(items) == vectors(other));
  CHECK(std::ranges::equal(items.held_out(), entangled.held_out()));
  CHECK_FALSE(std::ranges::equal(items.held_out(), other.held_out()));
  // What is left of items when the means of their factors' levels are taken away is, but for its scale, the
  // interaction of both.
  for (std::size_t entry = 0; entry < 32; ++entry) {
    const auto interaction = [&](std::int64_t cell) {
      double row = 0, column = 0;
      for (std::int64_t i = 0; i < 4; ++i) {
        row += items.item(items.level(cell, 0) * 4 + i)[entry] / 4;
        column += items.item(i * 4 + items.level(cell, 1))[entry] / 4;
      }
      return items.item(cell)[entry] - row - column;
    };
    const double scale = interaction(0) / entangled.item(0)[entry];
    for (std::int64_t cell = 1; cell < 16; ++cell)
      CHECK(interaction(cell) == Approx(scale * entangled.item(cell)[entry]).margin(1e-12));
  }
}

TEST_CASE("grids that are too large or of nothing are refused") {
  const auto refused = [](study::TaskSettings settings) {
    return scratch::message<InputError>([&] { FactorGrid(settings, 0); });
  };
  CHECK(refused(grid(6, 16, 1)) ==
        "task.levels = 16 to the power of task.factors = 6 makes 16777216 items; at most 65536");
  CHECK(refused(grid(1, 4, 0)) == "task.main_effect = 0 with task.factors = 1: all items are alike");
}
