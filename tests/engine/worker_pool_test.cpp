#include "engine/parallel/worker_pool.h"

#include <array>
#include <stdexcept>

#include "tests/catch.h"

using plateau::parallel::WorkerPool;

TEST_CASE("Every job runs exactly once, also those that jobs start themselves") {
  for (const int threads : {1, 2, 5}) {
    WorkerPool pool(threads);
    for (int repeat = 0; repeat < 200; ++repeat) {
      std::array<std::atomic<int>, 7> outer{};
      std::array<std::atomic<int>, 7 * 11> inner{};
      pool.run(7, [&](int i) {
        ++outer[std::size_t(i)];
        pool.run(11, [&, i](int k) { ++inner[std::size_t(i * 11 + k)]; });
      });
      for (const auto& count : outer) REQUIRE(count == 1);
      for (const auto& count : inner) REQUIRE(count == 1);
    }
  }
}

TEST_CASE("A job's exception reaches the caller, and the pool goes on") {
  WorkerPool pool(3);
  std::atomic<int> done = 0;
  CHECK_THROWS_AS(pool.run(5,
                           [&](int i) {
                             ++done;
                             pool.run(3, [&](int k) {
                               if (i == 2 && k == 1) throw std::runtime_error("inner");
                             });
                           }),
                  std::runtime_error);
  CHECK(done == 5);
  pool.run(4, [&](int) { ++done; });
  CHECK(done == 9);
}
