#include "engine/tasks/random.h"

#include <set>
#include <vector>

#include "tests/catch.h"

using plateau::tasks::Purpose;
using plateau::tasks::Random;

TEST_CASE("the generator gives the same numbers everywhere") {
  // From an independent implementation of the definition in random.h.
  Random random(42, Purpose::TrainingBatch, 7, 3);
  CHECK(random.bits() == 0xbfe1a21b4efbf8b3);
  CHECK(random.uniform() == 5672700959998191 * 0x1p-53);
  CHECK(random.below(60000) == 6297);
  CHECK(random.bits() == 0xbde294026a439277);
  Random negative(static_cast<std::uint64_t>(-1), Purpose::ValidationSet, 0, 0);
  CHECK(negative.bits() == 0x828ecad1da0a4d41);
}

TEST_CASE("each of seed, purpose, step and index gives another stream") {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Purpose purpose : {Purpose::TrainingBatch, Purpose::ValidationSet})
      for (std::uint64_t step = 0; step < 20; ++step)
        for (std::uint64_t index = 0; index < 20; ++index)
          first.insert(Random(seed, purpose, step, index).bits());
  CHECK(first.size() == 20 * 2 * 20 * 20);
}

TEST_CASE("integers are uniform along a stream and across streams") {
  // Chi-square with 6 degrees of freedom: above 22.5 in 1 of 1000 cases.
  const auto chi_square = [](auto draw) {
    std::vector<double> counts(7);
    for (std::uint64_t i = 0; i < 70000; ++i) counts.at(draw(i)) += 1;
    double sum = 0;
    for (const double count : counts) sum += (count - 10000) * (count - 10000) / 10000;
    return sum;
  };
  Random stream(1, Purpose::TrainingBatch, 0, 0);
  CHECK(chi_square([&](std::uint64_t) { return stream.below(7); }) < 22.5);
  CHECK(chi_square([](std::uint64_t i) { return Random(1, Purpose::TrainingBatch, 0, i).below(7); }) < 22.5);
  CHECK(chi_square([](std::uint64_t i) { return Random(1, Purpose::TrainingBatch, i, 0).below(7); }) < 22.5);
  CHECK(chi_square([](std::uint64_t i) { return Random(i, Purpose::TrainingBatch, 0, 0).below(7); }) < 22.5);
}

TEST_CASE("integers reach both ends of their range and never leave it") {
  Random random(3, Purpose::TrainingBatch, 0, 0);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(random.below(10));
    REQUIRE(random.below(1) == 0);
    REQUIRE(random.below(0xffffffff) < 0xffffffff);
  }
  CHECK(seen.size() == 10);
  CHECK(*seen.rbegin() == 9);
}

TEST_CASE("uniforms and normals have their moments, neighbouring streams no correlation") {
  const int count = 200000;
  double uniform = 0, mean = 0, variance = 0, fourth = 0, pair = 0, neighbour = 0, previous = 0;
  for (int i = 0; i < count; ++i) {
    Random random(9, Purpose::TrainingBatch, 5, static_cast<std::uint64_t>(i));
    const double u = random.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    const auto [a, b] = random.normals();
    uniform += u / count;
    mean += (a + b) / 2 / count;
    variance += (a * a + b * b) / 2 / count;
    fourth += (a * a * a * a + b * b * b * b) / 2 / count;
    pair += a * b / count;
    neighbour += a * previous / count;
    previous = a;
  }
  CHECK(uniform == Approx(0.5).margin(0.003)); // 4 to 5 standard errors each
  CHECK(mean == Approx(0).margin(0.008));
  CHECK(variance == Approx(1).margin(0.012));
  CHECK(fourth == Approx(3).margin(0.08));
  CHECK(pair == Approx(0).margin(0.011));
  CHECK(neighbour == Approx(0).margin(0.011));
}
