#include "engine/tasks/modular_operation.h"

#include <numeric>
#include <set>

#include "engine/errors.h"
#include "engine/tasks/cyclic_group.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using tasks::ModularOperation;

TEST_CASE("operations of modular arithmetic hold their defining equations") {
  for (const std::int64_t p : {5, 59, 97, 113}) {
    const ModularOperation add("add", p), subtract("subtract", p), multiply("multiply", p),
        divide("divide", p), quadratic("quadratic", p);
    for (std::int64_t a = 0; a < p; ++a)
      for (std::int64_t b = 0; b < p; ++b) {
        REQUIRE(add(a, b) == (a + b) % p);
        REQUIRE(add(*subtract(a, b), b) == a);
        REQUIRE(multiply(a, b) == a * b % p);
        REQUIRE(divide(a, b).has_value() == (b != 0));
        if (b != 0) REQUIRE(multiply(*divide(a, b), b) == a);
        // (a - b)(a² + ab + b²) = a³ - b³
        REQUIRE(multiply(*subtract(a, b), *quadratic(a, b)) == ((a * a * a - b * b * b) % p + p) % p);
        for (const auto& operation : {add, subtract, multiply, divide, quadratic})
          if (const auto c = operation(a, b)) REQUIRE((*c >= 0 && *c < p));
      }
    CHECK(quadratic(1, 1) == 3);
  }
}

TEST_CASE("operations print themselves") {
  CHECK(ModularOperation("add", 59).formula() == "a + b mod 59");
  CHECK(ModularOperation("add", 59).title() == "addition");
  CHECK(ModularOperation("subtract", 59).print(3, 5) == "3 − 5");
  CHECK(ModularOperation("divide", 7).formula() == "a / b mod 7");
  CHECK(ModularOperation("quadratic", 7).formula() == "(a² + a · b + b²) mod 7");
  CHECK(ModularOperation("quadratic", 7).print(3, 5) == "3² + 3 · 5 + 5²");
}

TEST_CASE("an unknown operation and a modulus that is not prime are refused") {
  CHECK(scratch::message<InputError>([] { ModularOperation("power", 7); }) ==
        "task.operation = power: there is no such operation; there are add, subtract, multiply, divide, "
        "quadratic");
  for (const std::int64_t composite : {6, 9, 91, 221})
    CHECK(scratch::message<InputError>([&] { ModularOperation("add", composite); }) ==
          "task.modulus = " + std::to_string(composite) + " must be a prime number");
}

TEST_CASE("primitive roots are those of the tables, and only primes have them here") {
  // Abramowitz & Stegun, table 24.8.
  for (const auto& [p, root] : {std::pair<std::int64_t, std::int64_t>{5, 2},
                                {7, 3},
                                {23, 5},
                                {41, 6},
                                {59, 2},
                                {71, 7},
                                {97, 5},
                                {113, 3},
                                {191, 19},
                                {251, 6}})
    CHECK(tasks::smallest_primitive_root(p) == root);
  for (std::int64_t n = 2; n <= 251; ++n) {
    bool prime = true;
    for (std::int64_t divisor = 2; divisor < n; ++divisor) prime = prime && n % divisor != 0;
    CHECK(tasks::smallest_primitive_root(n).has_value() == prime);
  }
}

TEST_CASE("places in the cyclic group add up as the operation says") {
  for (const char* name : {"add", "subtract", "multiply", "divide"})
    for (const std::int64_t p : {5, 59, 113}) {
      const ModularOperation operation(name, p);
      const auto group = tasks::cyclic_group(name, p);
      REQUIRE(group);
      REQUIRE(std::ssize(group->place) == p + 1);
      CHECK(group->place.back() == -1);
      const bool of_products = std::string(name) == "multiply" || std::string(name) == "divide";
      CHECK(group->order == (of_products ? p - 1 : p));
      const std::set<std::int64_t> places(group->place.begin() + of_products, group->place.end() - 1);
      CHECK(std::ssize(places) == group->order); // each once
      CHECK(*places.begin() == 0);
      CHECK(*places.rbegin() == group->order - 1);
      std::int64_t compared = 0;
      for (std::int64_t a = 0; a < p; ++a)
        for (std::int64_t b = 0; b < p; ++b) {
          const auto c = operation(a, b);
          const auto place = [&](std::int64_t token) {
            return group->place[static_cast<std::size_t>(token)];
          };
          if (!c || place(a) < 0 || place(b) < 0) continue;
          const auto sum = place(a) + group->sign * place(b);
          REQUIRE(place(*c) == (sum + group->order) % group->order);
          ++compared;
        }
      CHECK(compared == group->order * group->order);
    }
  CHECK_FALSE(tasks::cyclic_group("quadratic", 59));
  CHECK_FALSE(tasks::cyclic_group("multiply", 9));
  CHECK(tasks::cyclic_group("multiply", 59)->place[0] == -1);
}
