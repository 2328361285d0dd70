#include "engine/tasks/power_law.h"

#include <cmath>
#include <set>

#include "tests/catch.h"

using namespace plateau;
using tasks::PowerLaw;

namespace {

tasks::Random stream(std::uint64_t index) {
  return {5, tasks::Purpose::TrainingBatch, 0, index};
}

double chi_square(const std::vector<double>& counts, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (expected[i] > 0) sum += std::pow(counts[i] - expected[i], 2) / expected[i];
  return sum;
}

} // namespace

TEST_CASE("numbers come as often as the power law says") {
  for (const double exponent : {0.0, 1.0, 2.5}) {
    const PowerLaw law(8, exponent);
    double total = 0;
    for (int k = 1; k <= 8; ++k) total += std::pow(k, -exponent);
    std::vector<double> counts(8), expected;
    for (int k = 1; k <= 8; ++k) {
      CHECK(law.probability(k - 1) == Approx(std::pow(k, -exponent) / total).epsilon(1e-12));
      expected.push_back(40000 * std::pow(k, -exponent) / total);
    }
    auto random = stream(0);
    for (int i = 0; i < 40000; ++i) ++counts[static_cast<std::size_t>(law.draw(random))];
    CHECK(chi_square(counts, expected) < 24.3); // 7 degrees of freedom: above in 1 of 1000 cases
  }
}

TEST_CASE("others are drawn in proportion, and those taken never") {
  const PowerLaw law(8, 1);
  const std::vector<std::int64_t> taken = {0, 3, 4, 7};
  double total = 0;
  for (const int k : {2, 3, 6, 7}) total += 1.0 / k;
  std::vector<double> counts(8), expected(8);
  for (const int k : {2, 3, 6, 7}) expected[static_cast<std::size_t>(k - 1)] = 20000 / (k * total);
  auto random = stream(1);
  for (int i = 0; i < 20000; ++i) ++counts[static_cast<std::size_t>(law.draw_other(random, taken))];
  for (const auto k : taken) CHECK(counts[static_cast<std::size_t>(k)] == 0);
  CHECK(chi_square(counts, expected) < 16.3); // 3 degrees of freedom
}

TEST_CASE("different ones are different, even all of them where some are hardly ever drawn") {
  for (const double exponent : {0.0, 1.0, 5.0}) {
    const PowerLaw law(64, exponent);
    auto random = stream(2);
    for (const std::int64_t count : {1, 5, 63, 64}) {
      const auto drawn = law.draw_distinct(random, count);
      CHECK(std::set<std::int64_t>(drawn.begin(), drawn.end()).size() == static_cast<std::size_t>(count));
      for (const auto k : drawn) CHECK((k >= 0 && k < 64));
    }
  }
  // The first two of three: P(a, b) = p_a p_b / (1 - p_a).
  const PowerLaw law(3, 1);
  std::vector<double> counts(9), expected(9);
  auto random = stream(3);
  for (int i = 0; i < 20000; ++i) {
    const auto drawn = law.draw_distinct(random, 2);
    ++counts[static_cast<std::size_t>(drawn[0] * 3 + drawn[1])];
  }
  for (std::int64_t a = 0; a < 3; ++a)
    for (std::int64_t b = 0; b < 3; ++b)
      if (a != b)
        expected[static_cast<std::size_t>(a * 3 + b)] =
            20000 * law.probability(a) * law.probability(b) / (1 - law.probability(a));
  CHECK(chi_square(counts, expected) < 20.5); // 5 degrees of freedom
}
