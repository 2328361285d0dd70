#include "engine/analysis/normal.h"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/catch.h"

using namespace plateau::analysis;

TEST_CASE("quantiles of the normal distribution") {
  CHECK(normal_quantile(0.5) == Approx(0).margin(1e-12));
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-12));
  CHECK(normal_quantile(0.025) == Approx(-1.959963984540054).epsilon(1e-12));
  CHECK(normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-10));
  CHECK(normal_quantile(0.8413447460685429) == Approx(1).epsilon(1e-12));
  CHECK(normal_quantile(0) == -std::numeric_limits<double>::infinity());
  CHECK(normal_quantile(1) == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(normal_quantile(-0.1)));
}

TEST_CASE("a normal distribution fitted to a sample") {
  const auto fit = fit_normal(std::vector<float>{1, 2, 3, 4, 5});
  CHECK(fit.mean == 3);
  CHECK(fit.deviation == Approx(std::sqrt(2.5)));
  CHECK(fit.density(3) == Approx(0.3989422804 / std::sqrt(2.5)));
  CHECK(fit.quantile(0.975) == Approx(3 + 1.959963984540054 * std::sqrt(2.5)));
  CHECK(std::isnan(fit_normal({}).mean));
  CHECK(std::isnan(fit_normal(std::vector<float>{1}).deviation));
}
