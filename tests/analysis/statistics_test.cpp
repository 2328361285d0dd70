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

TEST_CASE("robust means leave out a twentieth at each end") {
  std::vector<double> values;
  for (int i = 1; i <= 99; ++i) values.push_back(i);
  values.push_back(1e6);
  const auto means = robust_means(values);
  CHECK(means.mean == Approx((4950 + 1e6) / 100));
  CHECK(means.median == 50.5);
  CHECK(means.trimmed == Approx((95 + 6) / 2.0)); // 6 to 95
}

TEST_CASE("moments are those of the sample") {
  // Of 0, 0, 0, 1: m2 = 3/16, m3 = 3/32, m4 = 21/256.
  const auto found = moments(std::vector<double>{0, 0, 0, 1});
  CHECK(found.mean == 0.25);
  CHECK(found.deviation == Approx(std::sqrt(3.0 / 16)));
  CHECK(found.skew == Approx(3.0 / 32 / std::pow(3.0 / 16, 1.5)));
  CHECK(found.kurtosis == Approx(21.0 / 256 / (9.0 / 256) - 3));
}

TEST_CASE("quantiles lie between neighbours") {
  const std::vector<double> values = {1, 2, 4, 8};
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 1) == 8);
  CHECK(quantile(values, 0.5) == 3);
  CHECK(quantile(values, 0.75) == 5);
  CHECK(std::isnan(quantile({}, 0.5)));
}
