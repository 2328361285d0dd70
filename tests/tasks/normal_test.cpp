#include "engine/tasks/normal.h"

#include <array>
#include <numeric>

#include "engine/analysis/statistics.h"
#include "tests/catch.h"
#include "tests/tasks/statistics.h"

using plateau::tasks::Normal;
using plateau::tasks::Purpose;
using plateau::tasks::Random;

namespace {

std::vector<double> draws(std::size_t count, std::uint64_t seed) {
  Random random(seed, Purpose::TrainingBatch, 0, 0);
  std::vector<double> result(count);
  for (double& x : result) x = Normal::tables()(random);
  return result;
}

} // namespace

TEST_CASE("normals are those of an independent ziggurat") {
  // One written from the definition, which finds where the tail begins by bisection. 17 of these 1000 were at
  // an edge.
  Random random(42, Purpose::TrainingBatch, 7, 3);
  std::vector<double> x(1000);
  for (double& value : x) value = Normal::tables()(random);
  CHECK(x[0] == Approx(-0.5961656711885657).epsilon(1e-13));
  CHECK(x[1] == Approx(-0.9477202432764321).epsilon(1e-13));
  CHECK(x[2] == Approx(0.3180328223640429).epsilon(1e-13));
  CHECK(std::accumulate(x.begin(), x.end(), 0.0) == Approx(-43.942792535764085).epsilon(1e-11));
  CHECK(std::inner_product(x.begin(), x.end(), x.begin(), 0.0) == Approx(1069.5061203186804).epsilon(1e-11));
}

TEST_CASE("normals have the normal distribution's moments and shape") {
  const auto sample = draws(1000000, 1);
  const auto [mean, deviation, skewness, kurtosis] = plateau::analysis::moments(sample);
  CHECK(mean == Approx(0).margin(0.004)); // four standard errors each
  CHECK(deviation * deviation == Approx(1).margin(0.0057));
  CHECK(skewness == Approx(0).margin(0.0098));
  CHECK(kurtosis == Approx(0).margin(0.0196));
  CHECK(statistics::kolmogorov_smirnov(sample, statistics::normal_cdf) < 1.63);
  double neighbours = 0;
  for (std::size_t i = 1; i < sample.size(); ++i) neighbours += sample[i] * sample[i - 1] / 1e6;
  CHECK(neighbours == Approx(0).margin(0.004));
}

TEST_CASE("normals have no seams where the ziggurat's layers meet, nor in the tail") {
  constexpr int count = 8000000, cells = 400;
  Random random(5, Purpose::TrainingBatch, 0, 0);
  std::array<double, cells> cell{};
  double above3 = 0, below3 = 0, above4 = 0, below4 = 0;
  std::vector<double> tail; // beyond 3.5, which holds the joint of the lowest layer with the tail
  for (int i = 0; i < count; ++i) {
    const double x = Normal::tables()(random);
    if (std::abs(x) < 4) cell[static_cast<std::size_t>((x + 4) * (cells / 8))] += 1;
    above3 += x > 3, below3 += x<-3, above4 += x> 4, below4 += x < -4;
    if (std::abs(x) > 3.5) tail.push_back(std::abs(x));
  }
  double chi_square = 0;
  for (int i = 0; i < cells; ++i) {
    const double from = -4 + i * 8.0 / cells, to = from + 8.0 / cells;
    const double expected = count * (statistics::normal_cdf(to) - statistics::normal_cdf(from));
    chi_square += std::pow(cell[static_cast<std::size_t>(i)] - expected, 2) / expected;
  }
  CHECK(chi_square < 490);                    // 400 degrees of freedom: above in 1 of 700 cases
  CHECK(above3 == Approx(10799).margin(416)); // 8e6 * 0.0013498980, four standard errors
  CHECK(below3 == Approx(10799).margin(416));
  CHECK(above4 == Approx(253.4).margin(64)); // 8e6 * 3.1671e-5
  CHECK(below4 == Approx(253.4).margin(64));
  const double beyond = statistics::normal_cdf(-3.5);
  CHECK(statistics::kolmogorov_smirnov(
            tail, [&](double x) { return 1 - statistics::normal_cdf(-x) / beyond; }) < 1.63);
}
