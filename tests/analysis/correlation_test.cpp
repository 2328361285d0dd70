#include <cmath>
#include <vector>

#include "engine/analysis/statistics.h"
#include "tests/catch.h"

using namespace plateau::analysis;

TEST_CASE("correlations of values and of ranks") {
  const std::vector<double> x = {1, 2, 3, 4, 5}, line = {3, 5, 7, 9, 11}, bent = {1, 8, 27, 64, 125};
  CHECK(pearson(x, line) == Approx(1));
  CHECK(pearson(x, std::vector<double>{5, 4, 3, 2, 1}) == Approx(-1));
  CHECK(pearson(x, bent) == Approx(0.9431175138));
  CHECK(spearman(x, bent) == Approx(1)); // in order
  // Anscombe's first set.
  const std::vector<double> ax = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5},
                            ay = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
  CHECK(pearson(ax, ay) == Approx(0.81642).epsilon(1e-5));
  CHECK(spearman(ax, ay) == Approx(0.81818).epsilon(1e-5));
  // Equal values share a rank: 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
  CHECK(spearman(std::vector<double>{1, 2, 2, 3}, std::vector<double>{1, 2, 3, 4}) == Approx(0.9486832981));
  CHECK(std::isnan(pearson(std::vector<double>{1, 1, 1}, std::vector<double>{1, 2, 3})));
}
