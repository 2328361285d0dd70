#include "engine/analysis/statistics.h"

#include <cmath>
#include <limits>

#include "tests/analysis/curves.h"
#include "tests/catch.h"

using namespace plateau::analysis;

TEST_CASE("the median is the middle of the finite values") {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  CHECK(median({3}) == 3);
  CHECK(median({5, 1, 3}) == 3);
  CHECK(median({4, 1, 3, 100}) == 3.5);
  CHECK(median({nan, 5, 1, infinity, 3, nan}) == 3);
  CHECK(std::isnan(median({})));
  CHECK(std::isnan(median({nan})));
}

TEST_CASE("the robust slope does not mind outliers") {
  std::vector<double> x, y;
  for (int i = 0; i < 20; ++i) {
    x.push_back(i * 50);
    y.push_back(1 - 0.002 * i * 50 + (i % 5 == 0 ? 100 : 0));
  }
  CHECK(robust_slope(x, y) == Approx(-0.002).epsilon(0.1));
  CHECK(robust_slope(std::vector<double>{1, 1}, std::vector<double>{0, 5}) == 0);
}

TEST_CASE("the noise is seen through a trend and spikes") {
  curves::Random random(7);
  std::vector<double> values;
  for (int i = 0; i < 4000; ++i)
    values.push_back(10 - 0.01 * i + random.normal(0.05) + (random.chance(0.02) ? 3 : 0));
  CHECK(noise_level(values) == Approx(0.05).epsilon(0.1));
  CHECK(noise_level(std::vector<double>{1, 2}) == 0);
  CHECK(noise_level(std::vector<double>{1, 2, 3, 4, 5}) == 0);
}
